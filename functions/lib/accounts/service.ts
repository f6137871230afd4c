/** The accounts of this function process. */
import { config, dataAccess } from '../services.ts';
import { Accounts } from './accounts.ts';

export const accounts = new Accounts(dataAccess.database, config.accounts);
