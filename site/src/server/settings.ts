/** The settings of this process, read once. An invalid one stops the start with a one-line error and exit code 2. */
import { printableLine } from '../../../infra/http/printable.ts';
import { parseSettings, type Settings, SettingsError } from './parse-settings.ts';

/** The checked settings of the site server. */
export const settings: Settings = load();

function load(): Settings {
  try {
    return parseSettings(process.env);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    process.stderr.write(`cadastro site: ${printableLine(error.message)}\n`);
    process.exit(2);
  }
}
