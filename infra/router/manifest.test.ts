import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parseFunction, readManifest } from './manifest.ts';

describe('the manifest', { concurrency: true }, () => {
  it("fills in Lambda's defaults", () => {
    assert.deepEqual(parseFunction({ name: 'f' }, '/dist'), {
      name: 'f',
      routes: [],
      onStart: false,
      codeFolder: '/dist/functions/f',
      codeSha256: '',
      handler: 'handler.handler',
      runtime: undefined,
      timeout: 3,
      memorySize: 128,
      provisionedConcurrency: 0,
      reservedConcurrentExecutions: 1000,
      maxConcurrency: 1,
      environment: [],
    });
  });

  it('takes one route or several', () => {
    assert.deepEqual(parseFunction({ name: 'f', route: 'GET /a' }, '/').routes, ['GET /a']);
    assert.deepEqual(parseFunction({ name: 'f', route: ['GET /a', 'GET /b'] }, '/').routes, ['GET /a', 'GET /b']);
  });

  it('names the function and the setting that is wrong', () => {
    const wrong: [Record<string, unknown>, RegExp][] = [
      [{ name: 'f', timeOut: 3 }, /of f: unknown setting "timeOut"/],
      [{ name: 'f', timeout: 901 }, /"timeout" takes a whole number from 1 to 900/],
      [{ name: 'f', timeout: 0.5 }, /"timeout"/],
      [{ name: 'f', memorySize: '128' }, /"memorySize"/],
      [{ name: 'f', maxConcurrency: 0 }, /"maxConcurrency"/],
      [{ name: 'f', runtime: 'python' }, /"runtime" takes "node" or "ric"/],
      [{ name: 'f', environment: [1] }, /"environment" takes strings/],
      [{ name: 'a/b' }, /function name "a\/b"/],
      [{}, /function name/],
    ];
    for (const [entry, message] of wrong) {
      assert.throws(() => parseFunction(entry, '/'), { name: 'ConfigurationError', message });
    }
  });

  it('says what to run when there is no build, or none that can be read', (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'cadastro-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const message = /functions\.json .*run "npm run build"/;
    assert.throws(() => readManifest(folder), { name: 'ConfigurationError', message });
    for (const text of ['[{', '{}']) {
      writeFileSync(join(folder, 'functions.json'), text);
      assert.throws(() => readManifest(folder), { name: 'ConfigurationError', message });
    }
    writeFileSync(join(folder, 'functions.json'), '[{"name":"f"}]');
    assert.deepEqual(
      readManifest(folder).map(({ name }) => name),
      ['f'],
    );
  });
});
