/** The user directory of this function process. */
import { dataAccess } from '../services.ts';
import { UserDirectory } from './directory.ts';

export const users = new UserDirectory(dataAccess);
