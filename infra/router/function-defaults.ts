/** How the settings of one function come on top of those that all functions of a folder share. */

/**
 * Merges function.json with defaults.json. A setting of function.json replaces the default; variables add to those of the
 * defaults, as in SAM's Globals.
 * @param defaults content of defaults.json; an empty object without that file
 * @param own content of function.json
 * @returns the settings, without `$schema`
 */
export function withDefaults(defaults: Record<string, unknown>, own: Record<string, unknown>): Record<string, unknown> {
  const { $schema, ...settings } = { ...defaults, ...own };
  if (defaults.environment === undefined || own.environment === undefined) return settings;
  return { ...settings, environment: [...new Set([defaults.environment, own.environment].flat())] };
}
