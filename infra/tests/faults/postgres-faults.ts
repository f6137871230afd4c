/** The faults of PostgreSQL and of the network before it. Requests may fail meanwhile, but no promise may break. */

import { PostgresDatabase } from './fault-database.ts';
import type { Fault, Pause } from './faults.ts';
import type { System } from './system.ts';

/** @throws Error when the system has another database */
function postgresOf({ database }: System): PostgresDatabase {
  if (!(database instanceof PostgresDatabase)) throw new Error('The system runs without PostgreSQL');
  return database;
}

/** The text of the statement, which a request ends with a zero byte. The reply to it has the same text. */
const isCommit = (chunk: Buffer) => chunk.includes('COMMIT\0');

/** Holds the next COMMIT, or the next reply to one. @returns undefined when no transaction commits within a moment */
async function holdCommit(database: PostgresDatabase, direction: 'requests' | 'replies', pause: Pause) {
  const held = database.proxy.holdNext(direction, isCommit);
  const caught = await Promise.race([held.caught.then(() => true), pause(1000)]);
  if (caught) return held.release;
  held.release();
  return undefined;
}

/** Kills, stops and cuts PostgreSQL. */
export const postgresFaults = {
  'PostgreSQL killed': async (system, random, pause) => {
    const { server } = postgresOf(system);
    await server.kill();
    await pause(random.pick([0, 100, 600]));
    await server.start();
  },
  'PostgreSQL paused': async (system, random, pause) => {
    const { server } = postgresOf(system);
    server.pause();
    await pause(random.pick([20, 60, 150, 500, 1500, 3500]));
    server.resume();
  },
  'connections of PostgreSQL ended': async (system) => {
    const { server, directUrl } = postgresOf(system);
    await server.terminateBackends(directUrl);
  },
  'state of the cache locked': async (system, random, pause) => {
    const { server, directUrl } = postgresOf(system);
    const client = await server.connect(directUrl);
    try {
      await client.query('BEGIN; SELECT id FROM cache_state FOR UPDATE');
      await pause(random.pick([10, 50, 200, 500]));
    } finally {
      await client.end();
    }
  },
  'one COMMIT held': async (system, random, pause) => {
    const release = await holdCommit(postgresOf(system), 'requests', pause);
    await pause(random.pick([20, 60, 200, 900]));
    release?.();
  },
  'one COMMIT held, its client cut': async (system, random, pause) => {
    const database = postgresOf(system);
    const release = await holdCommit(database, 'requests', pause);
    if (random.chance(0.5)) database.proxy.refuse(true);
    database.proxy.cutClients();
    await pause(random.pick([0, 20, 300, 4000]));
    release?.();
    database.proxy.refuse(false);
  },
  'reply to a COMMIT lost': async (system, random, pause) => {
    const database = postgresOf(system);
    const release = await holdCommit(database, 'replies', pause);
    await pause(random.pick([0, 50]));
    database.proxy.cut();
    release?.();
  },
  'PostgreSQL refuses connections': async (system, random, pause) => {
    const { proxy } = postgresOf(system);
    proxy.refuse(true);
    proxy.cut();
    await pause(random.integer(50, 600));
    proxy.refuse(false);
  },
} satisfies Record<string, Fault>;
