import { readSettings, type Settings, SettingsError } from './parse-settings.ts';

/** The settings of this process; a wrong one ends it with one line that names it. */
export const settings: Settings = load();

function load(): Settings {
  try {
    return readSettings(process.env);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    process.stderr.write(`cadastro site: ${error.message}\n`);
    process.exit(2);
  }
}
