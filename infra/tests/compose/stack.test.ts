/** Starts the compose stack with a real Docker engine, uses it, stops it and starts it again. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { skipWithout } from '../support/requirement.ts';
import { until } from '../support/until.ts';
import { docker, engineMissing, Stack } from './stack.ts';

const services = ['api', 'redis', 'site'];
const patience = { milliseconds: 15_000, every: 100 };
const skip = skipWithout(await engineMissing());

interface User {
  id: number;
  name: string;
  email: string;
}

describe('the compose stack', { skip, concurrency: false }, () => {
  let stack: Stack;
  let zoe: User;

  before(
    async () => {
      stack = await Stack.create();
      await stack.compose('up', '--build', '--wait', '--wait-timeout', '180');
    },
    { timeout: 1_200_000 },
  );
  after(() => stack?.remove(), { timeout: 120_000 });

  /** Sends a request to the API. It fails after 10 s. */
  async function call(method: string, path: string, body?: object) {
    const answer = await fetch(`${stack.api}${path}`, {
      method,
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(10_000),
    });
    const text = await answer.text();
    return { status: answer.status, cache: answer.headers.get('x-cache'), body: text ? JSON.parse(text) : undefined };
  }

  async function page(): Promise<string> {
    const answer = await fetch(stack.site, { signal: AbortSignal.timeout(10_000) });
    assert.equal(answer.status, 200);
    return answer.text();
  }

  test('is healthy, every service of it', async () => {
    for (const service of services) assert.equal((await stack.inspect(service)).State.Health?.Status, 'healthy');
  });

  test('creates, reads, changes and deletes users, and says where each read came from', async () => {
    const created = await call('POST', '/users', { name: 'Zoë Ångström', email: 'zoe@example.com' });
    assert.equal(created.status, 201);
    zoe = created.body;
    const path = `/users/${zoe.id}`;

    const lists = [await call('GET', '/users'), await call('GET', '/users')];
    assert.deepEqual(
      lists.map(({ status, cache, body }) => [status, cache, body.total]),
      [
        [200, 'miss', 1],
        [200, 'hit', 1],
      ],
    );
    const reads = [await call('GET', path), await call('GET', path)];
    assert.deepEqual(
      reads.map(({ status, cache, body }) => [status, cache, body.name]),
      [
        [200, 'miss', 'Zoë Ångström'],
        [200, 'hit', 'Zoë Ångström'],
      ],
    );

    assert.equal((await call('PATCH', path, { name: 'Zoë B' })).status, 200);
    const patched = await call('GET', path);
    assert.deepEqual([patched.cache, patched.body.name], ['miss', 'Zoë B']);
    assert.equal((await call('PUT', path, { name: 'Zoë C', email: 'zoe@example.com' })).status, 200);
    const list = await call('GET', '/users');
    assert.deepEqual([list.cache, list.body.users[0].name], ['miss', 'Zoë C']);

    const other = await call('POST', '/users', { name: 'Gone Soon', email: 'gone@example.com' });
    assert.equal((await call('DELETE', `/users/${other.body.id}`)).status, 204);
    assert.equal((await call('GET', `/users/${other.body.id}`)).status, 404);
  });

  test('the cached list and the cached user are in Redis, under their names', async () => {
    await call('GET', '/users');
    await call('GET', `/users/${zoe.id}`);
    const { stdout } = await stack.exec('redis', 'redis-cli', '--raw', 'keys', '*');
    const keys = stdout.split('\n');
    assert.ok(keys.includes('users_list') && keys.includes(`user_${zoe.id}`), stdout);
  });

  test('the site shows the users, and says where they came from', async () => {
    assert.ok((await page()).includes('Zoë C'));
    const fromRedis = async () => (await page()).includes('<strong>Loaded from the Redis cache</strong>');
    await until('the list comes from Redis', fromRedis, patience);
  });

  test('is published on this machine alone', async () => {
    for (const service of services) {
      const { NetworkSettings } = await stack.inspect(service);
      const published = Object.values(NetworkSettings.Ports).flatMap((bindings) => bindings ?? []);
      assert.equal(published.length, { api: 2, redis: 0, site: 1 }[service]);
      for (const { HostIp } of published) assert.equal(HostIp, '127.0.0.1');
    }
  });

  test('Redis is reached by the API, and neither by the site nor from outside', async () => {
    const connect = (host: string) => [
      'node',
      '-e',
      `const end = (what) => { console.log(what); process.exit(); };
       require('node:net').connect(6379, '${host}', () => end('open')).on('error', ({ code }) => end(code));
       setTimeout(end, 2000, 'silent');`,
    ];
    const network = `${stack.project}_cache`;
    const address = (await stack.inspect('redis')).NetworkSettings.Networks[network]?.IPAddress ?? '';
    assert.match(address, /^\d+\./);
    assert.equal((await stack.exec('api', ...connect('redis'))).stdout.trim(), 'open');
    assert.match((await stack.exec('site', ...connect('redis'))).stdout, /ENOTFOUND|EAI_AGAIN/);
    assert.match((await stack.exec('site', ...connect(address))).stdout, /silent|UNREACH|REFUSED|TIMEDOUT/);
    assert.equal((await docker(['network', 'inspect', '-f', '{{.Internal}}', network])).trim(), 'true');
  });

  test('no container has rights that it does not need', async () => {
    for (const service of services) {
      const { Config, HostConfig } = await stack.inspect(service);
      assert.ok(!['', '0', 'root'].includes(Config.User), `${service} runs as ${Config.User || 'root'}`);
      assert.equal(HostConfig.ReadonlyRootfs, true);
      assert.deepEqual(HostConfig.CapDrop, ['ALL']);
      assert.ok(HostConfig.SecurityOpt.some((option) => option.startsWith('no-new-privileges')));
      assert.ok(HostConfig.Memory > 0 && HostConfig.PidsLimit > 0);
      assert.notEqual((await stack.exec(service, 'id', '-u')).stdout.trim(), '0');
      const status = (await stack.exec(service, 'cat', '/proc/1/status')).stdout;
      assert.match(status, /^CapEff:\s+0+$/m);
      assert.match((await stack.exec(service, 'touch', '/usr/local/file')).stderr, /Read-only file system/);
    }
  });

  test('logs are JSON, a line each, with the name of the function that wrote it', async () => {
    // Some versions of `docker compose logs` add control characters to each line, so `docker logs` reads the log.
    const lines = (await docker(['logs', (await stack.inspect('api')).Id])).split('\n').filter(Boolean);
    const entries = lines.map((line) => {
      try {
        return JSON.parse(line) as Record<string, unknown>;
      } catch {
        return assert.fail(`no JSON: ${line}`);
      }
    });
    const names = new Set(entries.map((entry) => entry.function));
    assert.ok(names.has('create-user') && names.has('update-user'), [...names].join());
  });

  test('the API answers without Redis, from the database, and finds it again', async () => {
    await call('GET', `/users/${zoe.id}`);
    await stack.compose('stop', 'redis');
    const read = await call('GET', `/users/${zoe.id}`);
    assert.deepEqual([read.status, read.cache, read.body.name], [200, 'bypass', 'Zoë C']);
    assert.equal((await call('PATCH', `/users/${zoe.id}`, { name: 'Zoë D' })).status, 200);
    const list = await call('GET', '/users');
    assert.deepEqual([list.status, list.cache, list.body.users[0].name], [200, 'bypass', 'Zoë D']);
    assert.equal((await call('GET', '/health')).status, 200);

    await stack.compose('start', 'redis');
    const isHit = async () => {
      const { status, cache, body } = await call('GET', `/users/${zoe.id}`);
      assert.deepEqual([status, body.name], [200, 'Zoë D']);
      return cache === 'hit';
    };
    await until('a hit', isHit, patience);
  });

  test('ends by itself when told to, and its users are there after down and up', async () => {
    await stack.compose('stop', 'api', 'site');
    for (const service of ['api', 'site']) assert.equal((await stack.inspect(service)).State.ExitCode, 0, service);
    await stack.compose('down');
    await stack.compose('up', '--wait', '--wait-timeout', '180');
    const list = await call('GET', '/users');
    assert.deepEqual([list.status, list.cache, list.body.total], [200, 'miss', 1]);
    assert.deepEqual([list.body.users[0].id, list.body.users[0].name], [zoe.id, 'Zoë D']);
    assert.ok((await page()).includes('Zoë D'));
  });

  test('FUNCTION_RUNTIME=ric runs the same functions under the client of AWS', async () => {
    stack.env.FUNCTION_RUNTIME = 'ric';
    await stack.compose('up', '--wait', '--wait-timeout', '180', 'api');
    const { stdout } = await stack.exec('api', 'sh', '-c', 'cat /proc/[0-9]*/cmdline | tr "\\0" " "');
    assert.match(stdout, /aws-lambda-ric\/index\.mjs/);
    const [list, one] = [await call('GET', '/users'), await call('GET', `/users/${zoe.id}`)];
    assert.deepEqual([list.status, list.body.total], [200, 1]);
    assert.deepEqual([one.status, one.body.name], [200, 'Zoë D']);
  });

  test('the api image is under 400 MB and holds what runs, no development package', async () => {
    const { Image } = await stack.inspect('api');
    const size = Number(await docker(['image', 'inspect', '-f', '{{.Size}}', Image]));
    assert.ok(size < 400e6, `${(size / 1e6).toFixed(0)} MB`);
    const inside = (...command: string[]) => docker(['run', '--rm', '--network', 'none', Image, ...command]);
    const modules = await inside('ls', '/app/node_modules', '/app/node_modules/@aws');
    assert.deepEqual(
      modules
        .split('\n')
        .filter((line) => line && !line.endsWith(':'))
        .sort(),
      ['@aws', 'aws-lambda-ric', 'better-sqlite3', 'lambda-invoke-store'],
    );
    assert.equal((await inside('ls', '/app')).trim(), 'dist\nnode_modules');
    assert.equal(await inside('find', '/app', '-name', '*.ts', '-not', '-name', '*.d.ts'), '');
  });

  test('the site image needs no package', async () => {
    const { Image } = await stack.inspect('site');
    assert.equal((await docker(['run', '--rm', '--network', 'none', Image, 'ls', '/app'])).trim(), 'dist');
  });
});
