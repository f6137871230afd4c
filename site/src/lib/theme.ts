/** The colour themes of the site, in the order of the header's buttons. */

/** `auto` follows the system. */
export const themes = ['auto', 'light', 'dark'] as const;

/** One of the themes. */
export type Theme = (typeof themes)[number];

/** Whether a value from outside, such as a cookie, is a theme. */
export function isTheme(value: unknown): value is Theme {
  return themes.some((theme) => theme === value);
}
