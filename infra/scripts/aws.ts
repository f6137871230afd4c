/** `npm run aws -- template`: prints the templates for AWS. */
import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { schemaVersion } from '#migrations';
import { dataTemplate } from '../aws/template/data.ts';
import { functionsTemplate } from '../aws/template/functions.ts';
import type { SchemaIdentity } from '../aws/template/migration.ts';
import { parseConfig } from '../router/config.ts';
import { readManifest } from '../router/manifest.ts';
import { ensureApi, root, say } from './lib/build.ts';

const help = `Prints the templates that deploy cadastro to AWS, as JSON.

  npm run --silent aws -- template > template.json            the functions and their HTTP API (AWS SAM)
  npm run --silent aws -- template data > data-template.json  network, PostgreSQL and Redis (CloudFormation)

  --concurrency N    events at once over all functions (400): at most as many as the database takes connections

CORS_ALLOW_ORIGINS and the other CORS settings, ROUTE_RATE_LIMIT and ROUTE_BURST_LIMIT mean the same as for the router.
Callers need an account or a key, unless AUTH=off ALLOW_ANONYMOUS=1. infra/docs/aws.md leads through a deployment.
`;

try {
  await main();
} catch (error) {
  say((error as Error).message);
  process.exitCode = 2;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { concurrency: { type: 'string', default: '400' }, help: { type: 'boolean' } },
  });
  const [command, ...names] = positionals;
  const known = command === 'template' && names.length <= 1 && [undefined, 'data'].includes(names[0]);
  if (values.help || !known) {
    process.stdout.write(help);
    if (!values.help) process.exitCode = 2;
    return;
  }
  const template = names[0] === 'data' ? dataTemplate() : await templateOfFunctions(values.concurrency);
  process.stdout.write(`${JSON.stringify(template, null, 2)}\n`);
}

async function templateOfFunctions(concurrency: string) {
  if (!/^\d+$/.test(concurrency)) throw new Error(`--concurrency is "${concurrency}": it takes a whole number`);
  await ensureApi();
  // Everybody reaches an HTTP API, so that the limits of an exposed router hold.
  const api = parseConfig({ ...process.env, AUTH: process.env.AUTH || 'on', PUBLISH_ADDRESS: '0.0.0.0' });
  return functionsTemplate(readManifest(join(root, 'dist')), {
    api,
    concurrency: Number(concurrency),
    schema: schema(),
  });
}

/** @returns the version of the schema, and the hash of the migrations' sources */
function schema(): SchemaIdentity {
  const folder = join(root, 'functions/lib/database/migrations');
  const hash = createHash('sha256');
  for (const file of globSync('*.ts', { cwd: folder }).sort()) {
    if (!file.endsWith('.test.ts')) hash.update(readFileSync(join(folder, file)));
  }
  return { version: schemaVersion, hash: hash.digest('hex') };
}
