/** Where the data of a PostgreSQL database comes from. */

/**
 * An expression that is another text after each event that may take the database back in time: the promotion of a standby or
 * a point-in-time recovery (timeline), another cluster (system identifier), a restored dump (oid). It fails on a standby, whose
 * data may be old.
 * @see infra/docs/decisions/039-postgresql.md
 */
export const identity = `(left(pg_walfile_name(pg_current_wal_lsn()), 8) || '-' ||
  (SELECT system_identifier FROM pg_control_system()) || '-' ||
  (SELECT oid FROM pg_database WHERE datname = current_database()))`;

/**
 * An expression that is another text after each crash of the server, as well as when `identity` is. A server that crashes forgets
 * the numbers of transactions that had written nothing to disk, and gives them to others. It also resets its statistics, which
 * everybody may read. @see https://www.postgresql.org/docs/15/monitoring-stats.html
 */
export const run = `(${identity} || '-' || (SELECT stats_reset FROM pg_stat_wal))`;
