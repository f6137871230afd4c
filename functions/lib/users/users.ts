/** The user directory of this function process. */
import { config, dataAccess } from '../services.ts';
import { UserDirectory } from './directory.ts';

export const users = new UserDirectory(dataAccess, config.binDays, config.historyDays);
