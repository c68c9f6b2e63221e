// A small server with the router's routes and content security policy over web/dist, for the tests of the tests. It can be
// told to misbehave in one way.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSchema } from 'graphql';
import { createHandler } from 'graphql-http/lib/use/http';

const DIST = fileURLToPath(new URL('../dist', import.meta.url));
const POLICY =
  "default-src 'self'; script-src 'self'; worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; font-src 'self' data:; img-src 'self' data:; connect-src 'self' ws: wss:";
const TYPES = { '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.ttf': 'font/ttf', '.txt': 'text/plain', '.html': 'text/html; charset=utf-8' };

const SCHEMA = buildSchema(`
  type Query { product(id: ID!): Product }
  type Product { id: ID! name: String! }
  type Mutation { login(input: LoginInput!): LoginPayload! }
  input LoginInput { email: String! password: String! }
  type LoginPayload { accessToken: String userErrors: [UserError!]! }
  type UserError { code: String! message: String! }
`);
const ROOT = {
  product: ({ id }) => ({ id, name: 'Kopi Gayo 250 g' }),
  login: ({ input }) =>
    input.password === 'rahasia-sekali'
      ? { accessToken: 'a.b.c', userErrors: [] }
      : { accessToken: null, userErrors: [{ code: 'INVALID_CREDENTIALS', message: 'The email or the password is wrong.' }] },
};

/** What the page is made to do wrong, by name. */
export const FAULTS = {
  strangerRequest: '<img src="http://cdn.example.com/logo.png">',
  inlineScript: '<script>document.title = "changed"</script>',
  missingAsset: '<script type="module" src="/playground/assets/missing.js"></script>',
};

/** Listens on a free port; resolves to the server and its base URL. */
export async function startPracticeServer({ fault, policy = POLICY, graphql = createHandler({ schema: SCHEMA, rootValue: ROOT }) } = {}) {
  const server = createServer((request, response) => {
    serve(request, response, { fault, policy, graphql }).catch(() => response.writeHead(404).end());
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, base: `http://127.0.0.1:${server.address().port}` };
}

async function serve(request, response, { fault, policy, graphql }) {
  const { pathname } = new URL(request.url, 'http://localhost');
  if (pathname === '/graphql') {
    await graphql(request, response);
    return;
  }
  const file = pathname === '/' ? 'index.html' : normalize(pathname).replace(/^\/playground\//, '');
  let body = await readFile(join(DIST, file));
  if (file === 'index.html' && fault) {
    body = body.toString().replace('</body>', `${fault}</body>`);
  }
  response.writeHead(200, { 'content-type': TYPES[extname(file)], 'content-security-policy': policy }).end(body);
}
