/** Astro integrations that make `dist/site`, which needs Node alone and no node_modules. They run in the build. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import node from '@astrojs/node';

/**
 * Astro's Node adapter in middleware mode, with `src/server/main.ts` as the entry: its standalone mode ignores SIGTERM.
 * @returns {import('astro').AstroIntegration}
 */
export function server() {
  // Without streaming, a page knows its status and cookies before its first byte is sent.
  // The site bounds each form itself, before or while Astro reads it.
  const base = node({ mode: 'middleware', experimentalDisableStreaming: true, bodySizeLimit: 0 });
  const { 'astro:config:setup': setup, 'astro:config:done': done } = base.hooks;
  return {
    ...base,
    hooks: {
      ...base.hooks,
      'astro:config:setup': async (options) => {
        await setup?.(options);
        // The built server carries its packages. The development server loads them from node_modules.
        if (options.command !== 'build') return;
        options.updateConfig({
          vite: { environments: { ssr: { resolve: { noExternal: true } } }, plugins: [programs()] },
        });
      },
      'astro:config:done': (options) =>
        done?.({
          ...options,
          setAdapter: (adapter) =>
            options.setAdapter({ ...adapter, serverEntrypoint: new URL('./src/server/main.ts', import.meta.url) }),
        }),
      'astro:server:setup': ({ server: vite }) => {
        vite.middlewares.use(async (request, response, next) => {
          // Astro runs the pages in this runner. In another one the routes would have stores and jobs of their own.
          const { serveRoute } = await vite.environments.ssr.runner.import('/src/server/routes.ts');
          if (await serveRoute(request, response)) return;
          // Vite puts inline scripts and styles into pages, and our policy would block them.
          response.removeHeader('content-security-policy');
          next();
        });
      },
    },
  };
}

/**
 * Bundles each program that the server runs in a process of its own: a file that it names by `new URL('./….ts', import.meta.url)`.
 * @returns {NonNullable<import('astro').ViteUserConfig['plugins']>[number]}
 */
function programs() {
  return {
    name: 'programs',
    enforce: 'pre',
    applyToEnvironment: (environment) => environment.name === 'ssr',
    transform: {
      filter: { code: /new URL\('\.\/[\w-]+\.ts', import\.meta\.url\)/ },
      handler(code, id) {
        return code.replace(/new URL\('\.\/([\w-]+\.ts)', import\.meta\.url\)/g, (_, file) => {
          const reference = this.emitFile({ type: 'chunk', id: join(dirname(id), file) });
          return `new URL(import.meta.ROLLUP_FILE_URL_${reference})`;
        });
      },
    },
    // Vite would give a program an address below the site's root, as it gives a picture.
    resolveFileUrl: ({ fileName, relativePath }) =>
      fileName.endsWith('.mjs') ? `new URL('${relativePath}', import.meta.url).href` : undefined,
  };
}

/** Writes a .br and a .gz variant beside each text file, so that the server never compresses files while it serves. */
export function precompress() {
  return {
    name: 'precompress',
    hooks: {
      /** @param {{ dir: URL }} built */
      'astro:build:done': ({ dir }) => {
        const folder = fileURLToPath(dir);
        for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
          if (!entry.isFile() || !/\.(?:js|css|svg|txt|json)$/.test(entry.name)) continue;
          const file = join(entry.parentPath, entry.name);
          const content = readFileSync(file);
          writeFileSync(`${file}.gz`, gzipSync(content, { level: 9 }));
          writeFileSync(
            `${file}.br`,
            brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: content.length } }),
          );
        }
      },
    },
  };
}

/** Adds `main.mjs`, so that `node dist/site/main.mjs` starts the site wherever the folder was copied to. */
export function entry() {
  return {
    name: 'entry',
    hooks: {
      /** @param {{ dir: URL }} built `dir` is the folder of the files for browsers; the server's folder is beside it */
      'astro:build:done': ({ dir }) => {
        writeFileSync(new URL('../main.mjs', dir), "import './server/main.mjs';\n");
      },
    },
  };
}
