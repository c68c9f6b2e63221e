// Drives a real router with the official clients of both protocols, over a subgraph that is not ours either: graphql-js with
// graphql-sse. Prints one line per check.
//   node subscriptions.mjs ../../target/debug/pasar
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buildSchema } from 'graphql';
import { createHandler as createHttpHandler } from 'graphql-http/lib/use/http';
import { createClient as createSseClient } from 'graphql-sse';
import { createHandler as createSseHandler } from 'graphql-sse/lib/use/http';
import { createClient as createWsClient } from 'graphql-ws';
import WebSocket from 'ws';

const PATIENCE_MS = 30_000;
const SDL = `
  type Query { hello(name: String): String }
  type Mutation { rename(name: String!): String }
  type Subscription { count(to: Int!): Int ticks: Int }
`;

if (process.argv.length !== 3) {
  console.error('usage: subscriptions.mjs PASAR');
  process.exit(2);
}
const program = resolve(process.argv[2]);
const folder = mkdtempSync(join(tmpdir(), 'pasar-subscriptions-'));
/** The subscribers of `ticks`: each is a queue that the router reads. */
const tickers = [];
let router;
let failures = 0;

const subgraph = await startSubgraph();
try {
  router = await startRouter('127.0.0.1:0');
  await check('graphql-ws: a query and a mutation', wsSingleResults);
  await check('graphql-ws: a subscription in order', () => counts(wsClient()));
  await check('graphql-ws: a wrong operation is an error', wsWrongOperation);
  await check('graphql-ws: ending one of two operations ends it in the subgraph', wsEndsOne);
  await check('graphql-ws: pings are answered', wsPings);
  await check('graphql-ws: a refused token is followed by a fresh one', wsFreshToken);
  await check('graphql-ws: the older protocol is not acceptable', wsOlderProtocol);
  await check('graphql-sse: a query', sseSingleResult);
  await check('graphql-sse: a subscription in order', () => counts(sseClient()));
  await check('graphql-sse: a wrong operation is a result with errors', sseWrongOperation);
  await check('graphql-sse: ending it ends it in the subgraph', sseEnds);
  await check('both: clients take their subscriptions up again when the schema changes', takeUp);
  await check('both: clients connect again when the router restarts', reconnects);
} finally {
  await router?.stop();
  subgraph.closeAllConnections();
  subgraph.close();
  rmSync(folder, { recursive: true });
}
process.exit(failures === 0 ? 0 : 1);

async function check(name, body) {
  tickers.length = 0;
  let timer;
  const tooLong = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${PATIENCE_MS / 1000} s`)), PATIENCE_MS);
  });
  try {
    await Promise.race([body(), tooLong]);
    console.log(`ok    ${name}`);
  } catch (error) {
    failures += 1;
    console.log(`FAIL  ${name}: ${error.message ?? JSON.stringify(error)}`);
  } finally {
    clearTimeout(timer);
  }
}

async function wsSingleResults() {
  const client = wsClient();
  mustBe(await all(client, { query: '{ hello }' }), [{ data: { hello: 'world' } }]);
  const rename = { query: 'mutation R($name: String!) { rename(name: $name) }', operationName: 'R', variables: { name: 'Siti' } };
  mustBe(await all(client, rename), [{ data: { rename: 'Siti' } }]);
  await client.dispose();
}

async function counts(client) {
  const results = await all(client, { query: 'subscription($to: Int!) { count(to: $to) }', variables: { to: 50 } });
  mustBe(results, Array.from({ length: 50 }, (_, index) => ({ data: { count: index + 1 } })));
  await client.dispose();
}

async function wsWrongOperation() {
  const client = wsClient();
  const errors = await all(client, { query: '{ nothing }' }).then(() => [], (error) => error);
  must(Array.isArray(errors), `not a list of errors: ${errors}`);
  mustBe(errors[0]?.extensions?.code, 'GRAPHQL_VALIDATION_FAILED');
  await client.dispose();
}

async function wsEndsOne() {
  const client = wsClient();
  const first = follow(client, 'subscription { ticks }');
  await until(() => tickers.length === 1);
  const second = follow(client, 'subscription { ticks }');
  await until(() => tickers.length === 2);
  first.end();
  await until(() => tickers[0].ended);
  tickers[1].push(7);
  await until(() => second.seen.length === 1);
  mustBe(second.seen, [{ data: { ticks: 7 } }]);
  mustBe(first.seen, []);
  await client.dispose();
  await until(() => tickers[1].ended);
}

async function wsPings() {
  let pongs = 0;
  const client = wsClient({ keepAlive: 20, on: { pong: (received) => (pongs += received ? 1 : 0) } });
  const followed = follow(client, 'subscription { ticks }');
  await until(() => pongs >= 2);
  followed.end();
  await client.dispose();
}

async function wsFreshToken() {
  const closes = [];
  const tokens = [{ authorization: 'Bearer old' }, {}];
  const client = wsClient({ connectionParams: () => tokens.shift(), on: { closed: (event) => closes.push(event.code) } });
  mustBe(await all(client, { query: '{ hello }' }), [{ data: { hello: 'world' } }]);
  mustBe(closes[0], 4403);
  await client.dispose();
}

async function wsOlderProtocol() {
  const socket = new WebSocket(router.url.replace(/^http/, 'ws'), []);
  const code = await new Promise((resolve) => socket.on('close', resolve));
  mustBe(code, 4406);
}

async function sseSingleResult() {
  const client = sseClient();
  mustBe(await all(client, { query: '{ hello(name: "Budi") }' }), [{ data: { hello: 'Budi' } }]);
  client.dispose();
}

async function sseWrongOperation() {
  const client = sseClient();
  const [result, ...rest] = await all(client, { query: 'subscription { nothing }' });
  mustBe(result.errors?.[0]?.extensions?.code, 'GRAPHQL_VALIDATION_FAILED');
  mustBe(rest, []);
  client.dispose();
}

async function sseEnds() {
  const client = sseClient();
  const followed = follow(client, 'subscription { ticks }');
  await until(() => tickers.length === 1);
  tickers[0].push(1);
  await until(() => followed.seen.length === 1);
  followed.end();
  await until(() => tickers[0].ended);
  client.dispose();
}

function takeUp() {
  return survive(4205, async () => {
    writeFileSync(join(folder, 'clock.graphql'), SDL.replace('(name: String)', '(name: String, loud: Boolean)'));
  });
}

function reconnects() {
  return survive(1012, async () => {
    const address = new URL(router.url).host;
    await router.stop();
    router = await startRouter(address);
  });
}

/** Both clients go on with a subscription after what closes sockets with that code. */
async function survive(code, happens) {
  const closes = [];
  const ws = wsClient({ on: { closed: (event) => closes.push(event.code) } });
  const sse = sseClient();
  const followed = [follow(ws, 'subscription { ticks }'), follow(sse, 'subscription { ticks }')];
  await until(() => tickers.length === 2);
  await happens();
  await until(() => tickers.length === 4);
  mustBe(closes, [code]);
  tickers.forEach((ticker) => ticker.push(9));
  await until(() => followed.every(({ seen }) => seen.length === 1));
  for (const { seen, end } of followed) {
    mustBe(seen, [{ data: { ticks: 9 } }]);
    end();
  }
  await ws.dispose();
  sse.dispose();
}

function wsClient(options = {}) {
  return createWsClient({ url: router.url.replace(/^http/, 'ws'), webSocketImpl: WebSocket, retryAttempts: 20, retryWait: shortly, ...options });
}

function sseClient() {
  return createSseClient({ url: router.url, retryAttempts: 20, retry: shortly });
}

function shortly() {
  return new Promise((resolve) => setTimeout(resolve, 200));
}

/** Everything that an operation gives. */
function all(client, payload) {
  const seen = [];
  return new Promise((resolve, reject) => {
    client.subscribe(payload, { next: (result) => seen.push(result), error: reject, complete: () => resolve(seen) });
  });
}

/** What an operation has given so far, and a way to end it. */
function follow(client, query) {
  const seen = [];
  const complain = (error) => console.log(`      ${query} failed: ${JSON.stringify(error.message ?? error)}`);
  return { seen, end: client.subscribe({ query }, { next: (result) => seen.push(result), error: complain, complete: () => {} }) };
}

/** A subgraph of `ticks`, told by `tickers`. */
async function startSubgraph() {
  const schema = buildSchema(SDL);
  schema.getSubscriptionType().getFields().count.subscribe = async function* (_, { to }) {
    for (let count = 1; count <= to; count += 1) {
      yield { count };
    }
  };
  schema.getSubscriptionType().getFields().ticks.subscribe = ticks;
  const rootValue = { hello: ({ name }) => name ?? 'world', rename: ({ name }) => name };
  const json = createHttpHandler({ schema, rootValue });
  const events = createSseHandler({ schema });
  const server = createServer((request, response) => {
    const handler = request.headers.accept?.includes('text/event-stream') ? events : json;
    handler(request, response);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function ticks() {
  const waiting = [];
  let wake = () => {};
  const ticker = {
    ended: false,
    push(tick) {
      waiting.push(tick);
      wake();
    },
  };
  tickers.push(ticker);
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      while (waiting.length === 0 && !ticker.ended) {
        await new Promise((resolve) => (wake = resolve));
      }
      return ticker.ended ? { done: true } : { done: false, value: { ticks: waiting.shift() } };
    },
    async return() {
      ticker.ended = true;
      wake();
      return { done: true };
    },
  };
}

/** `pasar router` over that subgraph. */
async function startRouter(listen) {
  const config = join(folder, 'supergraph.yaml');
  writeFileSync(join(folder, 'clock.graphql'), SDL);
  const { port } = subgraph.address();
  const url = `http://127.0.0.1:${port}/graphql`;
  writeFileSync(config, `subgraphs:\n  clock:\n    routing_url: ${url}\n    schema:\n      file: ./clock.graphql\n`);
  const environment = {
    ...process.env,
    PASAR__HTTP__ADMIN_LISTEN: '127.0.0.1:0',
    PASAR__TELEMETRY__LEVEL: 'warn',
    // A change of the schema is noticed soon, and told soon.
    PASAR__ROUTER__SUPERGRAPH__POLL_INTERVAL: '100ms',
    PASAR__ROUTER__SUBSCRIPTIONS__PING_INTERVAL: '500ms',
    PASAR__ROUTER__SUBSCRIPTIONS__KEEPALIVE_INTERVAL: '500ms',
  };
  const child = spawn(program, ['router', '--supergraph', config, '--listen', listen], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
  const gone = new Promise((resolve) => child.on('close', resolve));
  const base = await new Promise((resolve, reject) => {
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
      const ready = /^ready (\S+)$/m.exec(output);
      if (ready) {
        resolve(ready[1]);
      }
    });
    gone.then((code) => reject(new Error(`the router ended with ${code}: ${output}`)));
  });
  const stop = () => {
    child.kill('SIGTERM');
    return gone;
  };
  return { url: `${base}/graphql`, stop };
}

async function until(condition) {
  while (!condition()) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function must(condition, message) {
  if (!condition) {
    throw new Error(message);
  }
}

function mustBe(actual, expected) {
  const [left, right] = [JSON.stringify(actual), JSON.stringify(expected)];
  must(left === right, `${left} instead of ${right}`);
}
