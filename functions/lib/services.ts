/**
 * What a function process has one of: the settings and the directory, made when the function starts.
 */
import { readConfig } from './config.ts';
import { setLogLevel } from './logger.ts';
import { Directory } from './users/directory.ts';

const config = readConfig();
setLogLevel(config.logLevel);

export const directory = new Directory(config);
