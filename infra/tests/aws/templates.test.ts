/** Checks the templates for AWS against AWS's own specification, and against what the project deploys. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readConfig } from '../../../functions/lib/config.ts';
import type { Template } from '../../aws/template/cloudformation.ts';
import { dataTemplate } from '../../aws/template/data.ts';
import { functionsTemplate } from '../../aws/template/functions.ts';
import { parseConfig } from '../../router/config.ts';
import { readManifest } from '../../router/manifest.ts';
import { readDocument } from '../support/markdown.ts';
import { namesReadBy } from '../support/settings.ts';
import { checkTemplate } from './check-template.ts';
import { resourceDefinition } from './specification.ts';

const dist = join(import.meta.dirname, '../../../dist');
const cors = {
  CORS_ALLOW_ORIGINS: 'https://a.example',
  CORS_ALLOW_METHODS: 'GET',
  CORS_ALLOW_HEADERS: 'x-a',
  CORS_EXPOSE_HEADERS: 'etag',
  CORS_MAX_AGE: '60',
  CORS_ALLOW_CREDENTIALS: 'true',
};
const functions = functionsTemplate(readManifest(dist), {
  api: parseConfig({ ...cors, PUBLISH_ADDRESS: '0.0.0.0', AUTH: 'on' }),
  concurrency: 400,
  schema: { version: 6, hash: 'abc' },
});
const data = dataTemplate();

for (const [name, template] of Object.entries({ functions, data })) {
  test(`AWS knows every property of the template of the ${name}, and every reference leads somewhere`, () => {
    assert.deepEqual(checkTemplate(template, resourceDefinition), []);
  });
}

test('the outputs of the data are parameters of the functions', () => {
  const parameters = Object.keys(functions.Parameters);
  assert.deepEqual(
    Object.keys(data.Outputs).filter((name) => !parameters.includes(name)),
    [],
  );
});

test('every command names a bundle of the build', () => {
  const commands = propertiesOf(functions, 'AWS::Serverless::Function').map(
    (properties) => Reflect.get(Reflect.get(properties, 'ImageConfig'), 'Command')[0] as string,
  );
  assert.ok(commands.length >= 15);
  for (const command of commands) {
    const file = join(dist, command.replace(/\.\w+$/, ''));
    assert.ok(existsSync(`${file}.cjs`) || existsSync(`${file}.mjs`), command);
  }
});

test('sets every setting of the functions that AWS needs, and no other variable', () => {
  const documented = [...readDocument('infra/docs/settings.md').matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name);
  const read = namesReadBy(readConfig);
  // Of a password, the entry point of the image sets the file.
  const isFileOf = (name: string) => name.endsWith('_FILE') && read.has(name.slice(0, -'_FILE'.length));
  // The router sets HOSTED_FUNCTIONS and PROJECT_FOLDER. The last two are about the site, which AWS does not run.
  const ofProvider = ['OIDC_ISSUER', 'OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET', 'OIDC_ROLE_CLAIM'];
  const unused = [
    'DATABASE_SYNCHRONOUS',
    'REDIS_SENTINEL_PASSWORD',
    'HOSTED_FUNCTIONS',
    'PROJECT_FOLDER',
    ...ofProvider,
    'AUTH',
    'SITE_KEY_FILE',
  ];
  const needed = [...read].filter((name) => !isFileOf(name) && !name.startsWith('AWS_') && !unused.includes(name));
  for (const properties of propertiesOf(functions, 'AWS::Serverless::Function')) {
    const variables = Object.keys(Reflect.get(Reflect.get(properties, 'Environment'), 'Variables'));
    const names = variables.map((name) => name.replace(/_SECRET$/, ''));
    assert.deepEqual(
      names.filter((name) => !documented.includes(name)),
      [],
    );
    assert.deepEqual(
      needed.filter((name) => !names.includes(name)),
      [],
    );
  }
});

test('all functions together take the events that the database can take', () => {
  const caps = propertiesOf(functions, 'AWS::Serverless::Function').map((properties) =>
    Number(Reflect.get(properties, 'ReservedConcurrentExecutions')),
  );
  const sum = caps.reduce((one, other) => one + other, 0);
  assert.ok(sum <= 400 && sum > 380, `${sum}`);
});

test('every route asks the function authorize, but those whose role is public', () => {
  const open = readManifest(dist).filter(({ role }) => role === 'public');
  const events = propertiesOf(functions, 'AWS::Serverless::Function').flatMap((properties) =>
    Object.values((Reflect.get(properties, 'Events') ?? {}) as Record<string, { Properties: object }>),
  );
  const without = events.filter(({ Properties }) => !('Auth' in Properties));
  assert.ok(events.length > 20 && open.length > 0);
  assert.equal(without.length, open.length);
  const [api] = propertiesOf(functions, 'AWS::Serverless::HttpApi') as [{ Auth: { Authorizers: object } }];
  assert.partialDeepStrictEqual(api.Auth.Authorizers, {
    Callers: { FunctionArn: { 'Fn::GetAtt': ['AuthorizeFunction', 'Arn'] }, Identity: { ReauthorizeEvery: 0 } },
  });
});

test('no password stands in a template: only references to secrets', () => {
  const text = JSON.stringify([functions, data]);
  const passwords = [...text.matchAll(/"\w*(?:[Pp]assword|AuthToken)":("[^"]*"|\{[^}]*\})/g)].map(([, value]) => value);
  assert.ok(passwords.length >= 2);
  for (const value of passwords) assert.match(value ?? '', /resolve:secretsmanager/);
});

function propertiesOf({ Resources }: Template, type: string): object[] {
  return Object.values(Resources)
    .filter(({ Type }) => Type === type)
    .map(({ Properties = {} }) => Properties);
}
