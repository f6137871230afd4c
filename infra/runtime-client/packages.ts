/**
 * Finds what Lambda has beside a function's code, in processes of the command `host`: files of layers, which Lambda unpacks at
 * /opt, and the AWS SDK of its image. NODE_OPTIONS loads this module before the runtime client.
 */
import { existsSync } from 'node:fs';
import { createRequire, registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Value of HOST_PACKAGES, as JSON. */
export interface HostPackages {
  /** Absolute paths; later layers win. */
  layers: string[];
  /** Absolute path of a node_modules with the SDK; undefined where the host has none. */
  sdkFolder?: string | undefined;
}

const sdkPackage = /^@(aws-sdk|smithy)\//;

const { HOST_PACKAGES } = process.env;
// The handler sees the variables that it has on Lambda.
delete process.env.HOST_PACKAGES;
if (HOST_PACKAGES) findPackages(JSON.parse(HOST_PACKAGES));

function findPackages({ layers, sdkFolder }: HostPackages): void {
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
