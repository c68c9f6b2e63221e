// Runs the audits of graphql-http against an endpoint: node graphql-http-audit.mjs http://127.0.0.1:4000/graphql
import { serverAudits } from 'graphql-http';

// A new version of graphql-http may bring other audits: then this number is to be looked at, too.
const EXPECTED = 61;

const [url, ...rest] = process.argv.slice(2);
if (!url || rest.length > 0) {
  console.error('usage: graphql-http-audit.mjs URL');
  process.exit(2);
}

// The CSRF rule refuses GET requests that a foreign page could make a browser send; this header shows
// that it is not one, as clients of Apollo do.
const fetchFn = (input, init = {}) => {
  const headers = new Headers(init.headers);
  headers.set('apollo-require-preflight', 'true');
  return fetch(input, { ...init, headers });
};

const counts = { ok: 0, notice: 0, warn: 0, error: 0 };
for (const audit of serverAudits({ url, fetchFn })) {
  const result = await audit.fn().catch((error) => ({ status: 'error', reason: `${error.message} ${error.cause ?? ''}` }));
  counts[result.status] += 1;
  if (result.status !== 'ok') {
    console.log(`${result.status.padEnd(6)} ${audit.id} ${audit.name}: ${result.reason}`);
  }
}
const { ok, notice, warn, error } = counts;
console.log(`graphql-http audits: ${ok} ok, ${notice} notice, ${warn} warn, ${error} error (expected ${EXPECTED} ok)`);
process.exit(ok === EXPECTED && notice + warn + error === 0 ? 0 : 1);
