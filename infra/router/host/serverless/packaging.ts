/** Reads how a service bundles its functions: by a plugin, or by the framework's own esbuild. */
import { fieldsOf, isFields, listOf, placeOf } from '../description/places.ts';
import type { ProjectFunction } from '../project.ts';
import type { ServiceContext } from './context.ts';

/** How the host builds the functions of a service. */
export type Packaging = Pick<ProjectFunction, 'packaging' | 'buildOptions'>;

/** Plugins that bundle. The host bundles with esbuild in place of all of them. */
const bundlers = ['serverless-bundle', 'serverless-esbuild', 'serverless-plugin-esbuild', 'serverless-webpack'];

/** Plugins whose work the host does itself, or that only matter for a deployment. */
const needless = [
  'serverless-add-api-key',
  'serverless-api-gateway-caching',
  'serverless-api-gateway-throttling',
  'serverless-apigw-binary',
  'serverless-associate-waf',
  'serverless-deployment-bucket',
  'serverless-domain-manager',
  'serverless-dotenv-plugin',
  'serverless-iam-roles-per-function',
  'serverless-offline',
  'serverless-plugin-canary-deployments',
  'serverless-plugin-common-excludes',
  'serverless-plugin-include-dependencies',
  'serverless-plugin-log-retention',
  'serverless-plugin-optimize',
  'serverless-plugin-tracing',
  'serverless-plugin-typescript',
  'serverless-plugin-warmup',
  'serverless-prune-plugin',
  'serverless-pseudo-parameters',
];

/** Settings of serverless-esbuild and of `build.esbuild` that esbuild has. The host decides about output files and source maps. */
const esbuildOptions = [
  'alias',
  'banner',
  'conditions',
  'define',
  'footer',
  'format',
  'inject',
  'keepNames',
  'loader',
  'mainFields',
  'minify',
  'resolveExtensions',
  'target',
  'treeShaking',
  'tsconfig',
];

/**
 * Reads plugins, custom.esbuild and build, and names the plugins that the host does not have.
 * @returns how the host builds the functions
 */
export function readPackaging(context: ServiceContext): Packaging {
  const { root, variables } = context;
  const plugins = readPlugins(context);
  const own = variables.field(root, 'build');
  if (own === 'esbuild') return { packaging: 'bundle', buildOptions: {} };
  const built = fieldsOf(own).esbuild;
  if (built === false) return { packaging: 'as-is', buildOptions: {} };
  if (built !== undefined) return { packaging: 'bundle', buildOptions: readOptions(context, built) };
  const bundler = plugins.find((plugin) => bundlers.includes(plugin));
  if (bundler === undefined) return { packaging: 'auto', buildOptions: {} };
  const isEsbuild = bundler.includes('esbuild');
  const settings = isEsbuild ? variables.field(variables.section(root, 'custom'), 'esbuild') : undefined;
  if (bundler === 'serverless-webpack') {
    const message = 'the host bundles with esbuild instead of webpack: settings of webpack have no effect';
    context.notices.add(placeOf(root, 'plugins'), message);
  }
  return { packaging: 'bundle', buildOptions: readOptions(context, settings) };
}

function readPlugins({ root, variables, notices }: ServiceContext): string[] {
  const value = variables.field(root, 'plugins');
  const list = isFields(value) ? value.modules : value;
  return listOf(list).map((item, index) => {
    const name = String(item);
    if (!bundlers.includes(name) && !needless.includes(name)) {
      const place = Array.isArray(list) ? placeOf(list, index) : placeOf(root, 'plugins');
      notices.add(place, `the host does not run the plugin ${name}`);
    }
    return name;
  });
}

function readOptions(context: ServiceContext, value: unknown): Record<string, unknown> {
  const settings = fieldsOf(value);
  const options: Record<string, unknown> = {};
  for (const name of esbuildOptions) {
    if (settings[name] !== undefined && settings[name] !== null) options[name] = settings[name];
  }
  const external = [...listOf(settings.external), ...listOf(settings.exclude)].map(String);
  if (external.length > 0) options.external = external;
  for (const name of ['plugins', 'configFile']) {
    if (name in settings)
      context.notices.add(placeOf(settings, name), `the host does not run the esbuild setting "${name}"`);
  }
  return options;
}
