declare namespace App {
  interface Locals {
    /** The page's language, also in the address. */
    language: import('./i18n/index.ts').Language;
    t: import('./i18n/index.ts').Messages;
    theme: import('./lib/theme.ts').Theme;
    /** The reader's time zone, once the browser has told it. */
    timeZone: string | undefined;
    flash: import('./lib/flash.ts').Flash | undefined;
  }
}
