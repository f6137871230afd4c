/** Configures the build of the site into `dist/site`. */
import preact from '@astrojs/preact';
import { defineConfig, passthroughImageService } from 'astro/config';
import { entry, precompress, server } from './adapter.mjs';

export default defineConfig({
  output: 'server',
  outDir: '../dist/site',
  cacheDir: '../node_modules/.astro',
  build: { serverEntry: 'main.mjs', inlineStylesheets: 'never' },
  image: { service: passthroughImageService(), endpoint: { entrypoint: './src/server/no-images.ts' } },
  adapter: server(),
  integrations: [preact(), precompress(), entry()],
  trailingSlash: 'ignore',
  compressHTML: true,
  session: false,
  devToolbar: { enabled: false },
  i18n: { defaultLocale: 'en', locales: ['en', 'pt-br'], routing: { prefixDefaultLocale: false } },
  security: {
    // src/server/origin.ts checks instead: Astro's check fails behind a proxy that ends TLS, and skips JSON.
    checkOrigin: false,
    csp: {
      directives: [
        "default-src 'none'",
        "base-uri 'none'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "img-src 'self'",
        "manifest-src 'self'",
      ],
    },
  },
});
