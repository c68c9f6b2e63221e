// Shows that the scripts in this folder pass where they should and fail where they should: node self-test.mjs [SCREENSHOT]
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { FAULTS, startPracticeServer } from './practice-server.mjs';

const BUY = ['--query', '{ product(id: "product_1") { name } }', '--expect', '"name": "Kopi Gayo 250 g"'];
const SIGN_IN = ['--email', 'siti@example.com', '--password', 'rahasia-sekali'];
const screenshot = process.argv[2] ? ['--screenshot', process.argv[2]] : [];
const alwaysFine = (_request, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"data":{}}');

let failures = 0;
await expect('a sound page passes', {}, ['playground.mjs', '/', ...BUY, ...SIGN_IN, ...screenshot]);
await expect('a request to another host is seen', { fault: FAULTS.strangerRequest }, ['playground.mjs', '/', ...BUY], 'FAIL  no request left the server');
await expect('a blocked inline script is seen', { fault: FAULTS.inlineScript }, ['playground.mjs', '/', ...BUY], 'FAIL  no breach of the content security policy');
await expect('an asset that is not there is seen', { fault: FAULTS.missingAsset }, ['playground.mjs', '/', ...BUY], 'FAIL  no error on the console');
await expect('a missing policy is seen', { policy: '' }, ['playground.mjs', '/', ...BUY], 'FAIL  the page comes with a title');
await expect('the reference implementation passes the audits', {}, ['graphql-http-audit.mjs', '/graphql']);
await expect('a careless endpoint fails the audits', { graphql: alwaysFine }, ['graphql-http-audit.mjs', '/graphql'], 'error');
process.exit(failures === 0 ? 0 : 1);

/** Runs a script against a server; without `complaint` it must pass, with one it must fail and say so. */
async function expect(name, server, [script, path, ...rest], complaint) {
  const { server: listener, base } = await startPracticeServer(server);
  const { code, output } = await run(script, [new URL(path, base).href, ...rest]);
  listener.closeAllConnections();
  listener.close();
  const fine = complaint ? code === 1 && output.includes(complaint) : code === 0;
  failures += fine ? 0 : 1;
  console.log(`${fine ? 'ok   ' : 'FAIL '} ${name}${fine ? '' : ` (exit ${code})\n${output}`}`);
}

function run(script, args) {
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(process.execPath, [fileURLToPath(new URL(script, import.meta.url)), ...args]);
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('close', (code) => resolve({ code, output }));
  });
}
