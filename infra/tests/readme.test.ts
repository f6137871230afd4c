/**
 * Runs the commands that documents mark with `<!-- run -->`, one after the other as a reader would, and checks each answer.
 * They run in a copy of the project, so that they leave nothing behind, and against a router of the test's own.
 */
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { commandsIn, readDocument } from './support/markdown.ts';
import { copyProject, type ProjectCopy } from './support/project-copy.ts';
import { skipWithout } from './support/requirement.ts';
import { type Router, startRouter } from './support/router.ts';

/** A pattern of commands, and the sign of the right answer in their output. */
const answers: [command: RegExp, sign: RegExp][] = [
  [/\/health$/, /^HTTP\/1\.1 200 .*"status":"ok"/s],
  [/\/users -H .* -d /, /^HTTP\/1\.1 201 .*^location: \/users\/1\r$.*"name":"Zoë Ångström"/ims],
  [/^curl .*\/users$/, /^HTTP\/1\.1 200 .*^x-cache: (hit|miss)\r$.*"total":1/ims],
  [/\/users\?q=/, /^HTTP\/1\.1 200 .*"email":"zoe@example\.com"/s],
  [/^curl .*\/users\/1$/, /^HTTP\/1\.1 200 .*^etag: "1"\r$.*"id":1/ims],
  [/-X PATCH /, /^HTTP\/1\.1 200 .*"name":"Zoë B\."/s],
  [/-X PUT /, /^HTTP\/1\.1 200 .*"name":"Zoë C\."/s],
  [/\/users\/batch -H /, /^HTTP\/1\.1 200 .*"results":\[\{"status":201,"id":2/s],
  [/\/openapi\.json$/, /^HTTP\/1\.1 200 .*"openapi":"3\.1\.\d"/s],
  [/^npm run invoke -- get-user /, /"statusCode": 200,.*Zoë C\..*^REPORT RequestId: /ms],
  [/^curl .*\/functions\/get-user\/invocations /, /"statusCode":200/],
  [/^npm run new -- get-thing /, /functions\/get-thing/],
  [/^npm run backup -- /, /^Backed up .* to .*users\.backup: \d+ rows, \d+ kB\.$/m],
];

const missing = ['bash', 'curl'].find((tool) => spawnSync(tool, ['--version']).status !== 0);
const skip = skipWithout(missing && `${missing} is not installed`);

describe('commands of the documents', { skip, concurrency: false }, () => {
  let copy: ProjectCopy;
  let env: Record<string, string>;
  let router: Router;

  before(async () => {
    copy = copyProject();
    env = { DATABASE_URL: `sqlite:${join(copy.folder, 'data/app.db')}` };
    router = await startRouter({ env });
  });
  after(async () => {
    await router?.stop();
    copy.remove();
  });

  for (const document of ['README.md', 'infra/docs/operations.md', 'infra/docs/aws.md']) {
    const commands = commandsIn(readDocument(document), { runnableOnly: true });
    test(`${document} marks commands as runnable`, () => assert.notEqual(commands.length, 0));
    for (const command of commands) {
      test(`${document}: ${command}`, async () => {
        const signs = answers.filter(([pattern]) => pattern.test(command.replace(/'$/, '')));
        assert.equal(signs.length, 1, 'this test knows one answer of each command');
        const here = command
          .replaceAll('localhost:8080', new URL(router.url).host)
          .replaceAll('localhost:3001', new URL(router.controlUrl).host)
          .replaceAll('localhost:3002', new URL(router.statusUrl).host);
        const { stdout, stderr } = await promisify(execFile)('bash', ['-c', here], {
          cwd: copy.folder,
          env: { ...process.env, ...env },
        });
        assert.match(`${stdout}${stderr}`, signs[0]?.[1] as RegExp);
      });
    }
  }
});
