import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, beforeEach, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { mapStackTraces } from './source-maps.ts';

const folder = mkdtempSync(join(tmpdir(), 'cadastro-maps-'));
after(() => rmSync(folder, { recursive: true }));

const source = `export interface Unused { gone: true }

export function fail(): never {
  throw new TypeError('no use');
}
`;

/** Bundles the source above and returns the error that its function throws. */
async function thrownBy(
  name: string,
  sourcemap: 'linked' | 'inline' | false,
  format: 'esm' | 'cjs' = 'esm',
): Promise<Error> {
  const entry = join(folder, `${name}.ts`);
  const outfile = join(folder, `${name}.${format === 'esm' ? 'mjs' : 'cjs'}`);
  writeFileSync(entry, source);
  await build({ entryPoints: [entry], outfile, format, platform: 'node', minify: true, sourcemap });
  const { fail } = (await import(pathToFileURL(outfile).href)) as { fail: () => never };
  try {
    return fail();
  } catch (error) {
    return error as Error;
  }
}

/** A source map as the value of sourceMappingURL. */
function inlineMap(map: object | string): string {
  const json = typeof map === 'string' ? map : JSON.stringify(map);
  return `data:application/json;base64,${Buffer.from(json).toString('base64')}`;
}

describe('stack traces', () => {
  const before = Error.prepareStackTrace;
  beforeEach(mapStackTraces);
  afterEach(() => {
    Error.prepareStackTrace = before;
  });

  for (const sourcemap of ['linked', 'inline'] as const) {
    it(`name the line of the source, with a map that is ${sourcemap}`, async () => {
      const { stack = '' } = await thrownBy(sourcemap, sourcemap);
      const [first, second] = stack.split('\n');
      assert.equal(first, 'TypeError: no use');
      assert.ok(second?.includes(`${join(folder, sourcemap)}.ts:4:9`), stack);
    });
  }

  it('name the line of the source of a CommonJS module', async () => {
    const { stack = '' } = await thrownBy('common', 'linked', 'cjs');
    assert.ok(stack.includes(`${join(folder, 'common')}.ts:4:9`), stack);
  });

  it('name the position in the bundle when there is no map', async () => {
    const { stack = '' } = await thrownBy('none', false);
    assert.match(stack, /^TypeError: no use\n {4}at .*none\.mjs:1:\d+/);
  });

  const maps = {
    'is not there': 'nowhere.map',
    'is not JSON': inlineMap('{'),
    'has a segment without a source': inlineMap({ version: 3, sources: ['a.ts'], names: [], mappings: 'A,4HAAA' }),
    'has a source that is no text': inlineMap({ version: 3, sources: [7], names: [], mappings: 'AAAA' }),
  };
  for (const [fault, reference] of Object.entries(maps)) {
    it(`keep the error and the position in the bundle when the map ${fault}`, async () => {
      const broken = join(folder, `broken-${fault.replaceAll(' ', '-')}.mjs`);
      writeFileSync(
        broken,
        `export const fail = () => { throw new Error('the reason') };\n//# sourceMappingURL=${reference}\n`,
      );
      const { fail } = (await import(pathToFileURL(broken).href)) as { fail: () => never };
      assert.throws(fail, ({ stack = '' }: Error) => {
        assert.match(stack, /^Error: the reason\n/);
        assert.ok(stack.includes(`${broken}:1:`), stack);
        return true;
      });
    });
  }

  it('exist for an error whose message getter throws', () => {
    const error = new Error('x');
    Object.defineProperty(error, 'message', {
      get() {
        throw new Error('hidden');
      },
    });
    assert.match(String(error.stack), /\n {4}at /);
  });
});
