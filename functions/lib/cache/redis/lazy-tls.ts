/**
 * node:tls, loaded once something connects with it: ioredis asks for it whether it does or not, and loading it would be
 * a tenth of a function's start. The build puts this module in its place.
 */
import type * as tls from 'node:tls';

export const connect = (...args: unknown[]): tls.TLSSocket =>
  (process.getBuiltinModule('node:tls').connect as (...args: unknown[]) => tls.TLSSocket)(...args);
