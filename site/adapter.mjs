/**
 * Astro's Node adapter in middleware mode, with our own server as the entry: the standalone mode ignores SIGTERM.
 * The whole site becomes `dist/site/main.mjs` and its chunks, which need Node alone and no node_modules.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import node from '@astrojs/node';

/** @returns {import('astro').AstroIntegration} */
export function server() {
  const base = node({ mode: 'middleware', experimentalDisableStreaming: true, bodySizeLimit: 1_048_576 });
  const { 'astro:config:setup': setup, 'astro:config:done': done } = base.hooks;
  return {
    ...base,
    hooks: {
      ...base.hooks,
      'astro:config:setup': async (options) => {
        await setup?.(options);
        // The development server leaves packages where they are; what is built carries them.
        if (options.command !== 'build') return;
        options.updateConfig({ vite: { environments: { ssr: { resolve: { noExternal: true } } } } });
      },
      'astro:config:done': (options) =>
        done?.({
          ...options,
          setAdapter: (adapter) =>
            options.setAdapter({ ...adapter, serverEntrypoint: new URL('./src/server/main.ts', import.meta.url) }),
        }),
      'astro:server:setup': ({ server: vite }) => {
        vite.middlewares.use(async (request, response, next) => {
          const { answer } = await vite.ssrLoadModule('/src/server/routes.ts');
          if (await answer(request, response)) return;
          // The development server puts scripts and styles into its pages, and Astro no policy for them.
          response.removeHeader('content-security-policy');
          next();
        });
      },
    },
  };
}

/** Writes a .br and a .gz beside each file that gains from it, so that nothing is compressed while people wait. */
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

/** Adds `main.mjs`, so that the site starts with `node dist/site/main.mjs` wherever the folder was copied to. */
export function entry() {
  return {
    name: 'entry',
    hooks: {
      /** @param {{ dir: URL }} built the folder of what browsers get, beside the server's */
      'astro:build:done': ({ dir }) => {
        writeFileSync(new URL('../main.mjs', dir), "import './server/main.mjs';\n");
      },
    },
  };
}
