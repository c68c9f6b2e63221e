// Another composer, to compare with: one set of subgraphs per line of standard input, one answer per
// line of standard output. `node oracle.mjs [MODULE]` takes another module with `composeServices`.
//
// in:  {"subgraphs": [{"name": "a", "url": "http://a", "sdl": "…"}], "rounds": 1}
// out: {"errors": [{"code": "…", "message": "…"}], "micros": [1234]}, or "supergraph" and "api" instead of
//      "errors"; "crash" when it threw, which is a defect of the oracle.

import { createInterface } from "node:readline";
import { parse, print } from "graphql";

const { composeServices } = await import(process.argv[2] ?? "@theguild/federation-composition");

function answer({ subgraphs, rounds = 1 }) {
  const micros = [];
  let result;
  for (let round = 0; round < rounds; round++) {
    const started = process.hrtime.bigint();
    const services = [];
    for (const { name, url, sdl } of subgraphs) {
      try {
        services.push({ name, url, typeDefs: parse(sdl) });
      } catch (error) {
        return { errors: [{ code: "INVALID_GRAPHQL", message: `${name}: ${error.message}` }] };
      }
    }
    result = composeServices(services, { enableContextDirectives: true });
    // Text is part of the work: it is what a router reads.
    result.text = result.supergraphSdl;
    micros.push(Number((process.hrtime.bigint() - started) / 1000n));
  }
  if (result.errors?.length > 0) {
    const errors = result.errors.map((error) => ({
      code: error.extensions?.code ?? "NONE",
      message: error.message,
    }));
    return { errors, micros };
  }
  const api = result.publicSdl ?? print(result.schema.toAPISchema().toAST());
  return { supergraph: result.text, api, micros };
}

for await (const line of createInterface({ input: process.stdin })) {
  let reply;
  try {
    reply = answer(JSON.parse(line));
  } catch (error) {
    reply = { crash: String(error?.stack ?? error) };
  }
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}
