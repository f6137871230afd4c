/** The source and the times of one read. The headers X-Cache and Server-Timing report them to the client. */
export class ReadTrace {
  /**
   * `hit`: the cache had the value. `miss`: it had not. `bypass`: the cache could not be used. Undefined before the
   * lookup.
   */
  cache: 'hit' | 'miss' | 'bypass' | undefined = undefined;
  /** Milliseconds spent with the cache. */
  cacheMs = 0;
  /** Milliseconds spent with the database; 0 if the read did not ask it. */
  databaseMs = 0;
}
