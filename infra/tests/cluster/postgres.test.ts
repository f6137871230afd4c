/** ROUTER_PROCESSES=2 with PostgreSQL and Redis: the processes share a database and a cache, as routers of several machines do. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { PostgresServer, skipWithoutPostgres } from '../support/postgres.ts';
import { RedisServer, skipWithoutRedis } from '../support/redis.ts';
import { type Router, startRouter } from '../support/router.ts';
import { until } from '../support/until.ts';
import { ask, functionOf } from './stage.ts';

/** Most connections of a router at rest. */
const connectionsOfRouter = 15;

describe('two router processes on PostgreSQL', { skip: skipWithoutRedis() || skipWithoutPostgres() }, () => {
  let postgres: PostgresServer;
  let redis: RedisServer;
  let router: Router;
  let databaseUrl: string;

  before(async () => {
    [postgres, redis] = await Promise.all([PostgresServer.start(), RedisServer.start()]);
    databaseUrl = await postgres.createDatabase();
    const env = { ROUTER_PROCESSES: '2', DATABASE_URL: databaseUrl, REDIS_URL: redis.url, LOG_LEVEL: 'WARN' };
    router = await startRouter({ env });
  });
  after(async () => {
    assert.equal(await router?.stop(), 0);
    await Promise.all([redis?.stop(), postgres?.stop()]);
  });

  /** Sends over a connection of its own, because connections go to the processes in turn. */
  const write = async (method: string, path: string, body: object) => {
    const headers = { 'content-type': 'application/json', connection: 'close' };
    const answer = await fetch(router.url + path, { method, headers, body: JSON.stringify(body) });
    return { status: answer.status, body: (await answer.json()) as { id: number; name: string } };
  };

  it('each reads at once what the other one has written', async () => {
    const { status, body } = await write('POST', '/users', { name: 'Ada', email: 'ada@example.com' });
    assert.equal(status, 201);
    const path = `/users/${body.id}`;
    for (let count = 1; count <= 10; count++) {
      const name = `Ada ${count}`;
      assert.equal((await write('PATCH', path, { name })).status, 200);
      for (let read = 0; read < 4; read++) assert.equal((await ask(router.url + path)).body.name, name);
    }
    for (const name of ['get-user', 'update-user']) {
      const environments = await until(`both processes have ${name}`, async () => {
        const found = (await functionOf(router, name)).environments;
        return found.length === 2 && found;
      });
      assert.deepEqual(environments.map(({ id }) => id).sort(), [`${name}-1.1`, `${name}-2.1`]);
    }
  });

  it('each has the connections of a router', async () => {
    const [row] = await postgres.query<{ count: number }>(
      'SELECT count(*)::int FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
      databaseUrl,
    );
    assert.ok(row && row.count > 0 && row.count <= 2 * connectionsOfRouter, `${row?.count}`);
  });
});
