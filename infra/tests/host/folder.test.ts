/** The command `host` on a folder of handlers: what it serves, and how it takes a save. */
import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { runHostToEnd, startHost } from '../support/host.ts';
import { projectFolder } from '../support/project-folder.ts';
import { until } from '../support/until.ts';

const get = async (url: string) => {
  const response = await fetch(url);
  return [response.status, await response.text()];
};

const json = async (url: string) => (await fetch(url)).json() as Promise<Record<string, unknown>>;

describe('the host of a folder', { concurrency: true }, () => {
  it('serves TypeScript and JavaScript, with packages, assets and modules of either kind', async (t) => {
    const { folder } = projectFolder(t, {
      'typed/handler.ts': `
        import { readFileSync } from 'node:fs';
        import { join } from 'node:path';
        import { word } from 'left-word';
        import { ending } from '../lib/ending';
        interface Answer { statusCode: number; body: string }
        export const handler = async (): Promise<Answer> => ({
          statusCode: 200,
          body: [word, ending, readFileSync('./asset.txt', 'utf8'), readFileSync(join(__dirname, 'asset.txt'), 'utf8')].join(),
        });`,
      'typed/asset.txt': 'asset',
      'lib/ending.ts': 'export const ending: string = "!";',
      'module/handler.mts': `
        import { createRequire } from 'node:module';
        const word = await Promise.resolve(createRequire(import.meta.url)('node:path').basename('a/b'));
        export const handler = async () => word;`,
      'plain/handler.js': `
        const { readFileSync } = require('node:fs');
        exports.handler = async () => require('left-word').word + readFileSync('./asset.txt', 'utf8');`,
      'plain/asset.txt': ' plain',
      'esm/index.mjs': "import { word } from 'left-word';\nexport const answer = async () => word;",
      'esm/function.json': '{"route": ["GET /esm/{id}"], "handler": "index.answer"}',
      'package.json': '{"type": "module"}',
      'node_modules/left-word/package.json': '{"name": "left-word", "main": "main.js"}',
      'node_modules/left-word/main.js': 'exports.word = "word";',
    });
    const { url } = await startHost(t, [folder]);
    assert.deepEqual(await get(`${url}/typed`), [200, 'word,!,asset,asset']);
    assert.deepEqual(await get(`${url}/module`), [200, 'b']);
    assert.deepEqual(await get(`${url}/plain`), [200, 'word plain']);
    assert.deepEqual(await get(`${url}/esm/1`), [200, 'word']);
    assert.equal((await get(`${url}/esm`))[0], 404);
  });

  it('answers 502 for a function that can not run, logs why, and serves the others', async (t) => {
    const { folder } = projectFolder(t, {
      'fine/handler.js': 'exports.handler = async () => "fine";',
      'nofile/function.json': '{"handler": "src/app.handler"}',
      'nopackage/handler.ts': 'import missing from "missing-package";\nexport const handler = missing;',
      'noexport/handler.ts': 'export const other = 1;',
      'setting/handler.js': 'exports.handler = async () => "never";',
      'setting/function.json': '{"timeout": "long"}',
    });
    const { url, lines, printed } = await startHost(t, [folder]);
    assert.deepEqual(await get(`${url}/fine`), [200, 'fine']);
    for (const name of ['nofile', 'nopackage', 'noexport', 'setting'])
      assert.equal((await get(`${url}/${name}`))[0], 502);
    const shown = (text: RegExp) =>
      assert.ok(
        lines.some((line) => text.test(line)),
        `${text}\n${lines.join('\n')}`,
      );
    shown(/^nofile fails: .*nofile\/function\.json:1: the handler "src\/app\.handler" has no file src\/app\{\.ts/);
    shown(
      /^nopackage fails: .*nopackage\/handler\.ts:1: the package "missing-package" is not installed: npm install missing-package$/,
    );
    shown(/^setting fails: .*setting\/function\.json:1: .*"timeout" takes a whole number/);
    await printed('handler.handler is undefined or not exported; the module exports other');
  });

  it('says in the answer why INIT failed, with the stack in the sources, and names a missing package', async (t) => {
    const { folder } = projectFolder(t, {
      'throws/handler.ts': `
        interface Table { name: string }
        const table: Table = { name: 'users' };
        const fail = (): never => { throw new TypeError(\`no table \${table.name}\`); };
        fail();`,
      'text/handler.js': 'throw "just text";',
      'syntax/handler.js': 'exports.handler = async () => 1;\nexports.other = async ( => 2;',
      'broken/handler.ts': 'export const handler = async (): Promise<void> => {};\nconst text: string = (;',
      'package/handler.js': 'exports.handler = require("@scope/missing");',
      'module/handler.mjs': 'import missing from "missing-module";\nexport const handler = missing;',
      'bundled/handler.ts': 'import missing from "missing-package";\nexport const handler = missing;',
    });
    const { url } = await startHost(t, [folder]);
    const expected: Record<string, [detail: RegExp, errorType: string, trace: RegExp]> = {
      throws: [/: TypeError: no table users$/, 'TypeError', /at fail \(.*throws\/handler\.ts:4:\d+\)/],
      text: [/: string: just text$/, 'string', /^$/],
      syntax: [/: Runtime\.UserCodeSyntaxError: SyntaxError: /, 'Runtime.UserCodeSyntaxError', /syntax\/handler\.js:2/],
      broken: [/: Host\.BuildFailed: .*broken\/handler\.ts:2: Unexpected ";"$/, 'Host.BuildFailed', /^$/],
      package: [
        /: the package "@scope\/missing" is missing: npm install @scope\/missing$/,
        'Runtime.ImportModuleError',
        /./,
      ],
      module: [
        /: the package "missing-module" is missing: npm install missing-module$/,
        'Error',
        /module\/handler\.mjs/,
      ],
      bundled: [
        / the package "missing-package" is not installed: npm install missing-package$/,
        'Host.BuildFailed',
        /^$/,
      ],
    };
    for (const [name, [detail, errorType, trace]] of Object.entries(expected)) {
      const problem = await json(`${url}/${name}`);
      const error = problem.error as { errorType: string; trace: string[] };
      assert.match(String(problem.detail), detail);
      assert.deepEqual([problem.status, error.errorType], [502, errorType], name);
      assert.match(error.trace.join('\n'), trace, name);
    }
  });

  it('rebuilds what a save changes, and keeps old code for new code that does not build or load', async (t) => {
    const handler = (text: string) => `
      import { text } from '../lib/text';
      export const handler = async (event: any) => {
        if (event.rawQueryString === 'crash') process.exit(1);
        return text + ${JSON.stringify(text)};
      };`;
    const { folder, write } = projectFolder(t, {
      'one/handler.ts': handler('1'),
      'two/handler.ts': 'export const handler = async () => "two";',
      'three/handler.js': 'exports.handler = async () => require("./text.json");',
      'three/text.json': '"three"',
      'lib/text.ts': 'export const text = "a";',
    });
    const { url, lines, printed } = await startHost(t, [folder]);
    assert.deepEqual(await get(`${url}/one`), [200, 'a1']);
    write({ 'lib/text.ts': 'export const text = "b";' });
    await printed('Built one in');
    await printed('Serving the new code');
    assert.deepEqual(await get(`${url}/one`), [200, 'b1']);

    write({ 'one/handler.ts': 'export const handler = (' });
    await printed('one fails: ');
    assert.deepEqual(await get(`${url}/one`), [200, 'b1']);
    write({ 'one/handler.ts': 'throw new Error("at INIT"); export const handler = 1;' });
    await printed('INIT failed');
    assert.equal((await get(`${url}/one?crash`))[0], 502);
    assert.deepEqual(await get(`${url}/one`), [200, 'b1']);

    write({ 'one/handler.ts': handler('2'), 'three/text.json': '"changed"' });
    await until('the new code answers', async () => (await get(`${url}/one`))[1] === 'b2');
    await until('the new text answers', async () => (await get(`${url}/three`))[1] === 'changed');
    write({ 'four/handler.ts': 'export const handler = async () => "four";' });
    await until('the new function answers', async () => (await get(`${url}/four`))[1] === 'four');
    assert.ok(!lines.some((line) => /^Built .*two/.test(line)), 'the untouched function was built again');
  });

  it('gives functions the variables of .env, of function.json and of --env, and no others', async (t) => {
    const body = 'JSON.stringify({ ...process.env, cwd: process.cwd(), traced: globalThis.traced })';
    const { folder } = projectFolder(t, {
      '.env': 'FROM_FILE=file\nFROM_BOTH=file\nFROM_SHELL=file\nFROM_OPTION=file\nAWS_REGION=eu-west-1',
      'one/handler.js': `exports.handler = async () => ${body};`,
      'one/trace.cjs': 'globalThis.traced = true;',
      'one/function.json': JSON.stringify({
        environment: { FROM_BOTH: 'function', FROM_OPTION: 'function', NODE_OPTIONS: '--require ./trace.cjs' },
      }),
    });
    const env = { FROM_SHELL: 'shell', SECRET: 'x' };
    const { url } = await startHost(t, [folder, '--env', 'FROM_OPTION=option'], { env });
    const seen = await json(`${url}/one`);
    const expected = {
      FROM_FILE: 'file',
      FROM_BOTH: 'function',
      FROM_SHELL: 'shell',
      FROM_OPTION: 'option',
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'defaultkey',
      LAMBDA_TASK_ROOT: join(folder, 'one'),
      cwd: join(folder, 'one'),
      traced: true,
    };
    for (const [name, value] of Object.entries(expected)) assert.equal(seen[name], value, name);
    assert.equal(seen.SECRET, undefined);
    assert.equal(seen.HOST_PACKAGES, undefined);
  });

  it('refuses the root of the file system as code or as a project, instead of watching all of it', async (t) => {
    const template = `Resources:
  Whole:
    Type: AWS::Serverless::Function
    Properties: { Handler: a.b, CodeUri: /, Runtime: nodejs22.x, Events: { Get: { Type: HttpApi, Properties: { Path: /, Method: get } } } }
`;
    const { folder } = projectFolder(t, { 'template.yaml': template });
    const { url, lines } = await startHost(t, [folder]);
    assert.ok(
      lines.some((line) => /template\.yaml:2: the folder \/ has more than 100,000 files: name the folder/.test(line)),
      lines.join('\n'),
    );
    assert.equal((await fetch(url)).status, 502);
    const { code, stderr } = await runHostToEnd(['/']);
    assert.equal(code, 2, stderr);
    assert.equal(stderr.trimEnd().split('\n').length, 1, stderr);
  });

  it('ends at Ctrl-C with 0, and leaves no build behind', async (t) => {
    const { folder } = projectFolder(t, { 'one/handler.ts': 'export const handler = async () => process.cwd();' });
    const { url, process, exited } = await startHost(t, [folder]);
    const [, taskRoot] = await get(`${url}/one`);
    assert.ok(existsSync(String(taskRoot)));
    process.kill('SIGINT');
    assert.equal(await exited, 0);
    assert.ok(!existsSync(String(taskRoot)));
  });

  it('keeps the authorizer of a function whose function.json can not be read any more', async (t) => {
    const settings = (role: string) =>
      `{"route": "GET /one", "description": "${role}", "authorizer": {"type": "request", "function": "no", "identitySource": "$request.header.A"}}`;
    const { folder, write } = projectFolder(t, {
      'no/handler.js': 'exports.handler = async () => ({ isAuthorized: false });',
      'one/handler.js': 'exports.handler = async () => "open";',
      'one/function.json': settings('first'),
    });
    const { url, printed } = await startHost(t, [folder]);
    const status = async (path: string) => (await fetch(url + path)).status;
    assert.equal(await status('/one'), 401);
    for (const broken of [settings('half').slice(0, 40), '', '[]']) {
      // The save of the other function shows that the router has read the manifest.
      write({
        'one/function.json': broken,
        'no/handler.js': `exports.handler = async () => ({ not: "${broken.length}" });`,
      });
      await printed('Serving the new code');
      assert.equal(await status('/one'), 401, broken);
    }
    write({ 'one/function.json': settings('last').replace('/one', '/two') });
    await until('the new route is there', async () => (await status('/two')) === 401);
  });

  it('outlives the removal of its project', async (t) => {
    const { folder } = projectFolder(t, { 'app/one/handler.js': 'exports.handler = async () => "one";' });
    const { url, printed } = await startHost(t, [join(folder, 'app')]);
    rmSync(join(folder, 'app'), { recursive: true });
    await printed('The save is not taken');
    assert.equal((await fetch(url)).status, 404);
  });

  it('refuses bad input with one line and 2', async (t) => {
    const { folder } = projectFolder(t, {
      'empty/README.md': '',
      'alike/one/function.json': '{"route": "GET /users/{id}"}',
      'alike/one/handler.js': '',
      'alike/two/function.json': '{"route": "GET /users/{name}"}',
      'alike/two/handler.js': '',
      'route/one/function.json': '{"route": {"key": 5}, "timeout": "long"}',
      'route/one/handler.js': '',
    });
    const cases: [string[], RegExp][] = [
      [[join(folder, 'missing')], /missing is not there/],
      [[join(folder, 'empty')], /there is no function/],
      [[join(folder, 'alike')], /alike\/two\/function\.json:1: route "GET \/users\/\{name\}" is both one's/],
      [[join(folder, 'route')], /^.*route\/one\/function\.json:1: .*"key" in "route" takes a route key/],
      [['--nonsense'], /nonsense/],
      [[folder, folder], /one PATH/],
      [[folder, '--env', 'x'], /--env takes NAME=VALUE/],
    ];
    for (const [args, message] of cases) {
      const { code, stderr } = await runHostToEnd(args);
      assert.equal(code, 2, stderr);
      assert.match(stderr, message);
      assert.equal(stderr.trimEnd().split('\n').length, 1, stderr);
    }
    const { code, stdout } = await runHostToEnd(['--help']);
    assert.equal(code, 0);
    assert.match(stdout, /^Serves the Lambda functions/);
  });
});
