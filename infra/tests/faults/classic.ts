/**
 * The functions with the classic bug: what a reader fetched is stored without asking whether its lease still holds.
 * Everything else, and every promise that it is checked against, is as it is deployed.
 */
import { buildFunctions } from '../../../esbuild.config.mjs';

/** Where the build goes, relative to the root. */
export const classicDist = 'dist/faults-classic';

const scripts = './scripts.ts';

/** In the place of Redis's scripts: the same ones, save for the two that store. */
const withoutCheck = `
import { scripts as leased } from '${scripts}';
for (const name of ['fillItem', 'fillList']) if (!(name in leased)) throw new Error('There is no script ' + name + '.');
export const scripts = {
  ...leased,
  fillItem: { ...leased.fillItem, lua: "redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[4]) return 1" },
  fillList: { ...leased.fillList, lua: "redis.call('HSET', KEYS[1], ARGV[3], ARGV[4]) return 1" },
};
`;

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
