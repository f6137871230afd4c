/** The objects that each function process has once. They are made when the process starts, before its first invocation. */
import { readConfig } from './config.ts';
import { onInvocation } from './http/serve.ts';
import { setLogLevel } from './logger.ts';
import { DataAccess } from './resources/data-access.ts';

/** The checked settings of this process. */
export const config = readConfig();
setLogLevel(config.logLevel);

/** The database, the cache and the write queue, for the resources that this function imports. */
export const dataAccess = new DataAccess(config);

if (config.mayFreeze) onInvocation(() => dataAccess.thaw());
