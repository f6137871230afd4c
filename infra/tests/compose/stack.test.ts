/** Starts the compose stack with a real Docker engine, uses it, stops it and starts it again. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { skipWithout } from '../support/requirement.ts';
import { until } from '../support/until.ts';
import { docker, engineMissing, Stack } from './stack.ts';

const root = join(import.meta.dirname, '../../..');
const services = ['api', 'redis', 'site'];
/** Fails a request that hangs. A request on a slow machine takes less. */
const requestTimeoutMs = 120_000;
/** How long the containers may take to become healthy. */
const healthyTimeoutSeconds = '900';
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
      await stack.compose('up', '--build', '--wait', '--wait-timeout', healthyTimeoutSeconds);
    },
    { timeout: 1_200_000 },
  );
  after(() => stack?.remove(), { timeout: 120_000 });

  /** Sends a request to the API. */
  async function call(method: string, path: string, body?: object) {
    const answer = await fetch(`${stack.api}${path}`, {
      method,
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(requestTimeoutMs),
    });
    const text = await answer.text();
    return { status: answer.status, cache: answer.headers.get('x-cache'), body: text ? JSON.parse(text) : undefined };
  }

  /** Reads until the cache took part: on a busy machine the cache may answer too late. */
  const readThroughCache = (path: string) =>
    until(`a read of ${path} that asks the cache`, async () => {
      const answer = await call('GET', path);
      return answer.cache !== 'bypass' && answer;
    });

  /** Reads until the answer comes from the cache. */
  const readHit = (path: string) =>
    until(`a cache hit of ${path}`, async () => {
      const answer = await call('GET', path);
      return answer.cache === 'hit' && answer;
    });

  async function page(): Promise<string> {
    const answer = await fetch(stack.site, { signal: AbortSignal.timeout(requestTimeoutMs) });
    assert.equal(answer.status, 200);
    return answer.text();
  }

  test('has a healthy container for each service', async () => {
    for (const service of services) assert.equal((await stack.inspect(service)).State.Health?.Status, 'healthy');
  });

  test('creates, reads, changes and deletes users, and names the source of each read', async () => {
    const created = await call('POST', '/users', { name: 'Zoë Ångström', email: 'zoe@example.com' });
    assert.equal(created.status, 201);
    zoe = created.body;
    const path = `/users/${zoe.id}`;

    const lists = [await readThroughCache('/users'), await readHit('/users')];
    assert.deepEqual(
      lists.map(({ status, cache, body }) => [status, cache, body.total]),
      [
        [200, 'miss', 1],
        [200, 'hit', 1],
      ],
    );
    const reads = [await readThroughCache(path), await readHit(path)];
    assert.deepEqual(
      reads.map(({ status, cache, body }) => [status, cache, body.name]),
      [
        [200, 'miss', 'Zoë Ångström'],
        [200, 'hit', 'Zoë Ångström'],
      ],
    );

    assert.equal((await call('PATCH', path, { name: 'Zoë B' })).status, 200);
    const patched = await readThroughCache(path);
    assert.deepEqual([patched.cache, patched.body.name], ['miss', 'Zoë B']);
    assert.equal((await call('PUT', path, { name: 'Zoë C', email: 'zoe@example.com' })).status, 200);
    const list = await readThroughCache('/users');
    assert.deepEqual([list.cache, list.body.users[0].name], ['miss', 'Zoë C']);

    const other = await call('POST', '/users', { name: 'Gone Soon', email: 'gone@example.com' });
    assert.equal((await call('DELETE', `/users/${other.body.id}`)).status, 204);
    assert.equal((await call('GET', `/users/${other.body.id}`)).status, 404);
  });

  test('keeps the cached list and the cached user in Redis under their documented keys', async () => {
    await readHit('/users');
    await readHit(`/users/${zoe.id}`);
    const { stdout } = await stack.exec('redis', 'redis-cli', '--raw', 'keys', '*');
    const keys = stdout.split('\n');
    assert.ok(keys.includes('users_list') && keys.includes(`user_${zoe.id}`), stdout);
  });

  test('shows the users on the site, and their source', async () => {
    assert.ok((await page()).includes('Zoë C'));
    const fromRedis = async () => (await page()).includes('</svg> Loaded from the Redis cache');
    await until('the list comes from Redis', fromRedis);
  });

  test('publishes its ports to this machine only', async () => {
    for (const service of services) {
      const { NetworkSettings } = await stack.inspect(service);
      const published = Object.values(NetworkSettings.Ports).flatMap((bindings) => bindings ?? []);
      assert.equal(published.length, { api: 3, redis: 0, site: 1 }[service]);
      for (const { HostIp } of published) assert.equal(HostIp, '127.0.0.1');
    }
  });

  /** A command that says whether a port can be reached from a container: open, silent, or the error's code. */
  const connect = (host: string, port: number) => [
    'node',
    '-e',
    `const end = (what) => { console.log(what); process.exit(); };
     require('node:net').connect(${port}, '${host}', () => end('open')).on('error', ({ code }) => end(code));
     setTimeout(end, 2000, 'silent');`,
  ];
  const unreachable = /silent|UNREACH|REFUSED|TIMEDOUT/;

  test('lets this machine run functions, and the site only read the status', async () => {
    const invoked = await fetch(`${stack.invoke}/2015-03-31/functions/openapi/invocations`, { method: 'POST' });
    assert.equal(invoked.status, 200);
    assert.equal((await fetch(`${stack.status}/readyz`)).status, 200);
    assert.match(await (await fetch(`${stack.site}/system`)).text(), /create-user/);

    assert.equal((await stack.exec('site', ...connect('api', 3002))).stdout.trim(), 'open');
    assert.match((await stack.exec('site', ...connect('invoke', 3001))).stdout, /ENOTFOUND|EAI_AGAIN/);
    const { Networks } = (await stack.inspect('api')).NetworkSettings;
    const addresses = Object.values(Networks).map(({ IPAddress }) => IPAddress);
    assert.equal(addresses.length, 3);
    for (const address of ['api', ...addresses]) {
      assert.match((await stack.exec('site', ...connect(address, 3001))).stdout, unreachable, address);
    }
  });

  test('lets the API reach Redis, and neither the site nor the outside', async () => {
    const network = `${stack.project}_cache`;
    const address = (await stack.inspect('redis')).NetworkSettings.Networks[network]?.IPAddress ?? '';
    assert.match(address, /^\d+\./);
    assert.equal((await stack.exec('api', ...connect('redis', 6379))).stdout.trim(), 'open');
    assert.match((await stack.exec('site', ...connect('redis', 6379))).stdout, /ENOTFOUND|EAI_AGAIN/);
    assert.match((await stack.exec('site', ...connect(address, 6379))).stdout, unreachable);
    assert.equal((await docker(['network', 'inspect', '-f', '{{.Internal}}', network])).trim(), 'true');
  });

  test('gives no container rights that it does not need', async () => {
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

  test('logs one JSON object a line, with the name of the function', async () => {
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

  test('answers from the database without Redis, and uses Redis again', async () => {
    await readHit(`/users/${zoe.id}`);
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
    await until('a hit', isHit);
  });

  test('ends with exit code 0, and keeps its users over down and up', async () => {
    await stack.compose('stop', 'api', 'site');
    for (const service of ['api', 'site']) assert.equal((await stack.inspect(service)).State.ExitCode, 0, service);
    await stack.compose('down');
    await stack.compose('up', '--wait', '--wait-timeout', healthyTimeoutSeconds);
    const list = await readThroughCache('/users');
    assert.deepEqual([list.status, list.cache, list.body.total], [200, 'miss', 1]);
    assert.deepEqual([list.body.users[0].id, list.body.users[0].name], [zoe.id, 'Zoë D']);
    assert.ok((await page()).includes('Zoë D'));
  });

  test('runs the same functions under aws-lambda-ric with FUNCTION_RUNTIME=ric', async () => {
    stack.env.FUNCTION_RUNTIME = 'ric';
    await stack.compose('up', '--wait', '--wait-timeout', healthyTimeoutSeconds, 'api');
    const { stdout } = await stack.exec('api', 'sh', '-c', 'cat /proc/[0-9]*/cmdline | tr "\\0" " "');
    assert.match(stdout, /aws-lambda-ric\/index\.mjs/);
    const [list, one] = [await call('GET', '/users'), await call('GET', `/users/${zoe.id}`)];
    assert.deepEqual([list.status, list.body.total], [200, 1]);
    assert.deepEqual([one.status, one.body.name], [200, 'Zoë D']);
  });

  test('has an api image under 400 MB without development packages', async () => {
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

  test('has a list of what each image contains', async () => {
    const images = ['--api', (await stack.inspect('api')).Image, '--site', (await stack.inspect('site')).Image];
    execFileSync(process.execPath, ['infra/scripts/sbom.ts', ...images], { cwd: root, stdio: 'ignore' });
    const purls = (name: string): string => {
      const document = JSON.parse(readFileSync(join(root, `dist/sbom/${name}.cdx.json`), 'utf8'));
      assert.equal(document.bomFormat, 'CycloneDX');
      return document.components.map(({ purl }: { purl: string }) => purl).join('\n');
    };
    const everywhere = [/^pkg:deb\/debian\/libc6@2\.\d+.*distro=debian-12$/m, /^pkg:generic\/node@24\./m];
    for (const one of everywhere) for (const name of ['api', 'site']) assert.match(purls(name), one);
    for (const one of ['better-sqlite3', 'aws-lambda-ric', 'knex'])
      assert.match(purls('api'), new RegExp(`npm/${one}@`));
    assert.match(purls('site'), /npm\/preact@/);
  });

  test('lets no process read the memory or the variables of the router and of a function', async () => {
    const script = `for (const pid of fs.readdirSync('/proc').filter((name) => name > 1 && name != process.pid)) {
      if (!fs.readFileSync('/proc/' + pid + '/cmdline', 'utf8').split('\\0')[0].endsWith('node')) continue;
      for (const file of ['environ', 'maps', 'mem']) {
        try { fs.openSync('/proc/' + pid + '/' + file); console.log('opened'); } catch ({ code }) { console.log(code); }
      }
    }`;
    const { stdout } = await stack.exec('api', 'node', '-e', script);
    const results = stdout.trim().split('\n');
    assert.ok(results.length > 10, stdout);
    assert.deepEqual([...new Set(results)], ['EACCES']);
  });

  test('starts every function with the permissions of its own files alone', async () => {
    const script = `for (const pid of fs.readdirSync('/proc').filter((name) => name > 1 && name != process.pid)) {
      const command = fs.readFileSync('/proc/' + pid + '/cmdline', 'utf8').split('\\0');
      if (command.includes('--disable-sigusr1')) console.log(command.includes('--permission'));
    }`;
    const { stdout } = await stack.exec('api', 'node', '-e', script);
    const results = stdout.trim().split('\n');
    assert.ok(results.length > 1, stdout);
    assert.deepEqual([...new Set(results)], ['true']);
  });

  test('has a site image without packages', async () => {
    const { Image } = await stack.inspect('site');
    assert.equal((await docker(['run', '--rm', '--network', 'none', Image, 'ls', '/app'])).trim(), 'dist');
  });
});
