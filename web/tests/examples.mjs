// Validates every GraphQL text of the playground against a schema file: node examples.mjs ../../schema/api.graphql
import { readFileSync } from 'node:fs';
import { buildSchema, getVariableValues, parse, validate } from 'graphql';

import { EXAMPLES, LOGIN } from '../playground/src/examples.js';

const [path, ...rest] = process.argv.slice(2);
if (!path || rest.length > 0) {
  console.error('usage: examples.mjs API_SCHEMA_FILE');
  process.exit(2);
}
const schema = buildSchema(readFileSync(path, 'utf8'));

let failures = 0;
const signIn = { query: LOGIN, variables: '{"input":{"email":"siti@example.com","password":"rahasia-sekali"}}' };
for (const { query, variables } of [...EXAMPLES, signIn]) {
  const document = parse(query);
  const name = document.definitions[0].name.value;
  const errors = [...validate(schema, document), ...variableErrors(document, variables)];
  failures += errors.length;
  console.log(errors.length === 0 ? `ok    ${name}` : `FAIL  ${name}: ${errors.map(({ message }) => message).join(' | ')}`);
}
process.exit(failures === 0 ? 0 : 1);

function variableErrors(document, variables) {
  const definitions = document.definitions[0].variableDefinitions ?? [];
  return getVariableValues(schema, definitions, JSON.parse(variables ?? '{}')).errors ?? [];
}
