/**
 * Builds the functions with the classic cache bug: a reader stores its value without checking that its lease still holds.
 * Everything else is as deployed, so that the fault test must find the bug.
 */
import { buildFunctions } from '../../../esbuild.config.mjs';

/** Folder of the build, relative to the project's root. */
export const classicDist = 'dist/faults-classic';

const scripts = './scripts.ts';

/** Replaces the module of Redis scripts: the two scripts that fill store without a check. */
const withoutCheck = `
import { scripts as leased } from '${scripts}';
for (const name of ['fillItem', 'fillList']) if (!(name in leased)) throw new Error('There is no script ' + name + '.');
export const scripts = {
  ...leased,
  fillItem: { ...leased.fillItem, lua: "redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[4]) return 1" },
  fillList: { ...leased.fillList, lua: "redis.call('HSET', KEYS[1], ARGV[3], ARGV[4]) return 1" },
};
`;

/** @throws Error when no function imports the scripts, so that the bug cannot be put in */
export async function buildClassic(): Promise<void> {
  let replaced = false;
  await buildFunctions('functions', classicDist, [
    {
      name: 'classic-bug',
      setup(build) {
        build.onResolve({ filter: /^\.\/scripts\.ts$/ }, ({ resolveDir, namespace }) =>
          namespace === 'classic' ? undefined : { path: resolveDir, namespace: 'classic' },
        );
        build.onLoad({ filter: /./, namespace: 'classic' }, ({ path }) => {
          replaced = true;
          return { contents: withoutCheck, resolveDir: path };
        });
      },
    },
  ]);
  if (!replaced) throw new Error(`No function imports ${scripts}: the bug was not put in.`);
}
