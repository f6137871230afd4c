/** The values that the middleware prepares for every page, as `Astro.locals`. */
declare namespace App {
  interface Locals {
    /** Language of the page's address. */
    language: import('./i18n/index.ts').Language;
    /** Catalogue of the language. */
    t: import('./i18n/index.ts').Messages;
    theme: import('./lib/theme.ts').Theme;
    /** The key of the visitor, for limits that count by client. */
    client: string;
    /** Whether the request came over TLS. */
    isSecure: boolean;
    /** Whether the browser sent a token of a session, which may have ended. */
    hasSession: boolean;
    /** The person who is signed in; undefined while AUTH is off. */
    person: import('./server/sessions/recognize.ts').Person | undefined;
    /** Whether the visitor has the rights of a role. While AUTH is off, everybody has all of them. */
    may: (role: import('../../functions/lib/accounts/roles.ts').Role) => boolean;
    /** Path and query that the visitor asked for. */
    address: string;
    /** Why the page `refused.astro` stands in the place of another one. */
    refusal: import('./server/sessions/admit.ts').Refusal | undefined;
    /** The client for the API that sends the visitor's address and session along. */
    api: import('./lib/api-client.ts').Api;
    /** IANA name; undefined until a cookie from the browser names it. */
    timeZone: string | undefined;
    /** The latest import of this browser. */
    importJob: import('./server/imports/jobs/job.ts').Job | undefined;
    /** Message about the reader's last action. */
    flash: import('./lib/flash.ts').Flash | undefined;
  }
}

/** The part that the site server uses. @types/compression would bring Express's types, and needs its request objects. */
declare module 'compression' {
  import type { IncomingMessage, ServerResponse } from 'node:http';
  import type { BrotliOptions, ZlibOptions } from 'node:zlib';

  interface Options extends ZlibOptions {
    brotli?: BrotliOptions;
    filter?: (request: IncomingMessage, response: ServerResponse) => boolean;
  }
  export default function compression(
    options: Options,
  ): (request: IncomingMessage, response: ServerResponse, next: () => void) => void;
}
