/**
 * Finds what Lambda has beside a function's code, in processes of the command `host`: files of layers, which Lambda unpacks at
 * /opt, and the AWS SDK of its image. NODE_OPTIONS loads this module before the runtime client.
 */
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { createRequire, registerHooks } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { compileFunction } from 'node:vm';

/** Value of HOST_PACKAGES, as JSON. */
export interface HostPackages {
  /** Absolute paths; later layers win. */
  layers: string[];
  /** Absolute path of a node_modules with the SDK; undefined where the host has none. */
  sdkFolder?: string | undefined;
  /** Absolute path of a code folder below a package.json with "type": "module", which Lambda would not have. */
  ownScope?: string | undefined;
}

const sdkPackage = /^@(aws-sdk|smithy)\//;

const { HOST_PACKAGES } = process.env;
// The handler sees the variables that it has on Lambda.
delete process.env.HOST_PACKAGES;
if (HOST_PACKAGES) findPackages(JSON.parse(HOST_PACKAGES));

function findPackages({ layers, sdkFolder, ownScope }: HostPackages): void {
  if (ownScope !== undefined) keepCommonJs(realpathSync(ownScope));
  const requireFromHost = sdkFolder && createRequire(join(sdkFolder, 'host.cjs'));
  let isAskingHost = false;
  registerHooks({
    resolve(specifier, context, nextResolve) {
      if (specifier.startsWith('/opt/')) {
        return nextResolve(fileOfLayer(specifier, context.conditions), context);
      }
      try {
        return nextResolve(specifier, context);
      } catch (error) {
        // The question below comes here, too.
        if (isAskingHost || !requireFromHost || !sdkPackage.test(specifier)) throw error;
        isAskingHost = true;
        try {
          return { url: pathToFileURL(requireFromHost.resolve(specifier)).href, shortCircuit: true };
        } catch {
          // The first error names the file that imports the package.
          throw error;
        } finally {
          isAskingHost = false;
        }
      }
    },
  });

  function fileOfLayer(path: string, conditions: string[]): string {
    const isImport = conditions.includes('import');
    const below = path.slice('/opt/'.length);
    const layer = layers.findLast((one) =>
      ['', '.js', '.cjs', '.json'].some((end) => existsSync(join(one, below + end))),
    );
    if (layer === undefined) return path;
    return isImport ? pathToFileURL(join(layer, below)).href : join(layer, below);
  }
}

/**
 * Loads files of a code folder as CommonJS if they are, although a package.json above the folder says "type": "module".
 * @param folder absolute path without links
 */
function keepCommonJs(folder: string): void {
  const root = join(folder, '/');
  const hasPackage = (below: string): boolean =>
    below !== folder && (existsSync(join(below, 'package.json')) || hasPackage(dirname(below)));
  const isCommonJs = (file: string) =>
    file.startsWith(root) && !hasPackage(dirname(file)) && compilesAsCommonJs(readFileSync(file, 'utf8'));
  registerHooks({
    load(url, context, nextLoad) {
      const isKept = context.format === 'module' && url.endsWith('.js') && isCommonJs(fileURLToPath(url));
      return nextLoad(url, isKept ? { ...context, format: 'commonjs' } : context);
    },
  });
  // `import` of CommonJS ends in the same function as `require`, which asks no hook for the format.
  const { extensions } = createRequire(root);
  const load = extensions['.js'];
  extensions['.js'] = (module, file) => {
    if (!isCommonJs(file)) return load(module, file);
    (module as CompilingModule)._compile(readFileSync(file, 'utf8'), file, 'commonjs');
  };
}

/** The part of Node's modules that loaders of other languages use. */
type CompilingModule = NodeModule & { _compile(source: string, file: string, format: 'commonjs'): void };

function compilesAsCommonJs(source: string): boolean {
  try {
    compileFunction(source, ['exports', 'require', 'module', '__filename', '__dirname']);
    return true;
  } catch {
    return false;
  }
}
