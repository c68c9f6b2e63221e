// Writes the licence texts of everything that may end up in the bundle to dist/THIRD_PARTY_LICENSES.txt:
// every package of package-lock.json that is not needed for building only.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const target = join(here, '../dist/THIRD_PARTY_LICENSES.txt');
const LICENSE_FILE = /^(licen[cs]e|copying|notice|thirdpartynotices)/i;

const packages = Object.entries(JSON.parse(readFileSync(join(here, 'package-lock.json'), 'utf8')).packages)
  .filter(([path, entry]) => path && !entry.dev && !entry.optional)
  .map(([path]) => describe(path));

const missing = packages.filter(({ license, texts }) => !license && texts.length === 0);
if (missing.length > 0) {
  console.error(`no licence found for: ${missing.map(({ title }) => title).join(', ')}`);
  process.exit(1);
}

const unique = new Map(packages.map((entry) => [entry.title, entry]));
const sections = [...unique.values()].sort((a, b) => (a.title < b.title ? -1 : 1)).map(render);
writeFileSync(target, `The Pasar playground contains the following packages.\n\n${sections.join('\n')}`);
console.log(`${unique.size} packages named in THIRD_PARTY_LICENSES.txt`);

function describe(path) {
  const folder = join(here, path);
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const texts = readdirSync(folder)
    .filter((name) => LICENSE_FILE.test(name))
    .sort()
    .map((name) => readFileSync(join(folder, name), 'utf8').replaceAll('\r\n', '\n').trim());
  const author = typeof manifest.author === 'string' ? manifest.author : manifest.author?.name;
  return { title: `${manifest.name} ${manifest.version}`, license: manifest.license, author, texts };
}

function render({ title, license, author, texts }) {
  const head = [title, `License: ${license ?? 'see below'}`, ...(author ? [`Author: ${author}`] : [])].join('\n');
  return `${'='.repeat(100)}\n${head}\n\n${texts.join('\n\n')}\n`;
}
