/** The values that the middleware prepares for every page, as `Astro.locals`. */
declare namespace App {
  interface Locals {
    /** Language of the page's address. */
    language: import('./i18n/index.ts').Language;
    /** Catalogue of the language. */
    t: import('./i18n/index.ts').Messages;
    theme: import('./lib/theme.ts').Theme;
    /** IANA name; undefined until the browser has told it by a cookie. */
    timeZone: string | undefined;
    /** Message about the reader's last action. */
    flash: import('./lib/flash.ts').Flash | undefined;
  }
}
