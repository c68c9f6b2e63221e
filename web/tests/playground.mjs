// Uses the playground as a person would, in a real browser, and prints one line per check.
//   node playground.mjs http://127.0.0.1:4000 --query '{ __typename }' --expect '"__typename": "Query"' --screenshot page.png
//   With --email and --password it signs in as well, and expects a token in the headers tab; then --live 'subscription …'
//   must show what --live-expect says, over a WebSocket.
import { parseArgs } from 'node:util';

import { openWatchedPage } from './browser.mjs';

const WAIT_MS = 30_000;
const SETTLE_MS = 1_000;
const PRESS_EVERY_MS = 500;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    query: { type: 'string', default: '{ __typename }' },
    expect: { type: 'string', default: '"__typename": "Query"' },
    screenshot: { type: 'string' },
    email: { type: 'string' },
    password: { type: 'string' },
    live: { type: 'string' },
    'live-expect': { type: 'string', default: '"data"' },
  },
});
if (positionals.length !== 1 || (options.email === undefined) !== (options.password === undefined)) {
  console.error('usage: playground.mjs BASE_URL [--query Q] [--expect TEXT] [--screenshot FILE] [--email E --password P [--live S --live-expect TEXT]]');
  process.exit(2);
}
const base = new URL(positionals[0]);

let failures = 0;
const { browser, page, seen } = await openWatchedPage(base);
page.setDefaultTimeout(WAIT_MS);
try {
  await check('the page comes with a title and a content security policy', opensPage);
  await check('the editor appears and the schema is loaded', showsEditor);
  await check(`the Run button shows ${options.expect}`, runsQuery);
  if (options.email !== undefined) {
    await check('signing in puts a token into the headers tab', signsIn);
    if (options.live !== undefined) {
      await check(`a subscription shows ${options['live-expect']}, over a WebSocket`, subscribes);
    }
    await check('a request with the token leaves no token in local storage', keepsNoToken);
  }
  // Late requests and errors belong to the checks below too.
  await page.waitForTimeout(SETTLE_MS);
  await check('no request left the server', staysHome);
  await check('no error on the console', () => mustBeEmpty(seen.complaints));
  await check('no breach of the content security policy', () => mustBeEmpty(seen.violations));
} finally {
  if (options.screenshot) {
    await page.screenshot({ path: options.screenshot });
  }
  await browser.close();
}
process.exit(failures === 0 ? 0 : 1);

async function check(name, body) {
  try {
    await body();
    console.log(`ok    ${name}`);
  } catch (error) {
    failures += 1;
    console.log(`FAIL  ${name}: ${error.message.split('\n').slice(0, 3).join(' ')}`);
  }
}

async function opensPage() {
  const response = await page.goto(base.href, { waitUntil: 'load' });
  const policy = response.headers()['content-security-policy'] ?? '';
  must(response.status() === 200, `status ${response.status()}`);
  must(/default-src 'self'/.test(policy), `content-security-policy is "${policy}"`);
  must((await page.title()) === 'Pasar', `the title is "${await page.title()}"`);
}

async function showsEditor() {
  await page.locator('.graphiql-query-editor .monaco-editor .view-lines').waitFor();
  // The documentation lists the root types only when introspection has been answered and understood.
  await page.getByRole('button', { name: 'Show Documentation Explorer' }).click();
  await page.locator('.graphiql-doc-explorer-content', { hasText: 'query' }).getByText('Query', { exact: true }).waitFor();
}

async function runsQuery() {
  await write(options.query);
  const deadline = Date.now() + WAIT_MS;
  let shown = '';
  // GraphiQL parses the text a moment after the last key, and refuses to run before: press again then.
  while (!shown.includes(options.expect)) {
    must(Date.now() < deadline, `after ${WAIT_MS / 1000} s the panel shows: ${shown.slice(0, 300)}`);
    await page.getByRole('button', { name: /^Execute query/ }).click();
    await page.waitForTimeout(PRESS_EVERY_MS);
    shown = await panelText('.graphiql-response');
  }
}

/** Replaces the query by pasting. Typing would not do: the editor closes brackets by itself. */
async function write(query) {
  await page.locator('.graphiql-query-editor .view-lines').click();
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.press('Delete');
  await page.evaluate((pasted) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', pasted);
    document.activeElement.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  }, query);
}

async function signsIn() {
  await page.getByRole('button', { name: 'Show Sign in' }).click();
  await page.getByLabel('Email').fill(options.email);
  await page.getByLabel('Password').fill(options.password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('button', { name: 'Headers' }).click();
  await page.locator('.graphiql-editor-tool .view-lines', { hasText: 'Bearer' }).waitFor();
}

async function subscribes() {
  await write(options.live);
  const deadline = Date.now() + WAIT_MS;
  let shown = '';
  while (!shown.includes(options['live-expect'])) {
    must(Date.now() < deadline, `after ${WAIT_MS / 1000} s the panel shows: ${shown.slice(0, 300)}`);
    // Once it runs, the button would stop it.
    const run = page.getByRole('button', { name: /^Execute query/ });
    if (await run.isVisible()) {
      await run.click();
    }
    await page.waitForTimeout(PRESS_EVERY_MS);
    shown = await panelText('.graphiql-response');
  }
  must(seen.requests.some((url) => url.startsWith('ws')), 'no WebSocket was opened');
  const stop = page.getByRole('button', { name: /^Stop query/ });
  if (await stop.isVisible()) {
    await stop.click();
  }
}

async function keepsNoToken() {
  // Another operation than before: the history leaves out a repetition.
  await write('query WithToken { __typename }');
  await page.waitForTimeout(SETTLE_MS);
  const sent = page.waitForRequest((request) => /^Bearer ./.test(request.headers().authorization ?? ''));
  await page.getByRole('button', { name: /^Execute query/ }).click();
  await sent;
  await page.waitForTimeout(SETTLE_MS);
  const stored = await page.evaluate(() => Object.entries(window.localStorage));
  must(stored.some(([key]) => key === 'pasar:graphiql:queries'), 'the history is not where it was expected');
  mustBeEmpty(stored.filter(([, value]) => value.includes('Bearer')).map(([key]) => key));
}

/** What an editor panel shows. Monaco draws spaces as no-break spaces. */
async function panelText(selector) {
  const lines = await page.locator(`${selector} .view-lines`).allInnerTexts();
  return lines.join('\n').replaceAll('\u00a0', ' ');
}

function staysHome() {
  must(seen.requests.length > 0, 'no request was recorded');
  const strangers = seen.requests.map((url) => new URL(url)).filter(({ protocol, host }) => /^(https?|wss?):$/.test(protocol) && host !== base.host);
  mustBeEmpty(strangers.map(({ href }) => href));
}

function mustBeEmpty(list) {
  must(list.length === 0, list.slice(0, 3).join(' | '));
}

function must(condition, message) {
  if (!condition) {
    throw new Error(message);
  }
}
