/** Three routers behind nginx (infra/scale/compose.yaml): they take over from `npm start`, are updated, and one is killed. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { startLoad } from '../support/balancer.ts';
import { skipWithout } from '../support/requirement.ts';
import { until } from '../support/until.ts';
import { npmStart } from './npm-start.ts';
import { docker, engineMissing, Stack } from './stack.ts';

const root = join(import.meta.dirname, '../../..');
const routers = 3;
const skip = skipWithout(await engineMissing());
const folder = mkdtempSync(join(tmpdir(), 'cadastro-scale-'));
/** A third file for Docker Compose, as a person may have one. */
const furtherFile = join(folder, 'further.yaml');

/** Time between the requests to a machine that builds images meanwhile. */
const gentlePauseMs = 50;

/** How a directory came from `npm start` to the routers. */
interface Takeover {
  /** Users that somebody was told to have created. */
  created: Map<number, string>;
  /** Requests for a page that failed before the test ended `npm start`. */
  early: string[];
}

interface User {
  id: number;
  name: string;
  email: string;
}

describe('the compose stack with three routers', { skip, concurrency: false }, () => {
  let stack: Stack;
  let takeover: Takeover;

  before(
    async () => {
      stack = await Stack.create('scale');
      writeFileSync(furtherFile, 'services: { api: { labels: { further: "yes" } } }');
      stack.env.COMPOSE_FILE = `compose.yaml:infra/scale/compose.yaml:${furtherFile}`;
      takeover = await moveIn();
    },
    { timeout: 1_800_000 },
  );
  after(
    async () => {
      await stack?.remove();
      rmSync(folder, { recursive: true });
    },
    { timeout: 120_000 },
  );

  const containers = async () => (await stack.compose('ps', '--quiet', 'api')).trim().split('\n');

  interface Sent {
    method?: string;
    body?: object;
    headers?: Record<string, string>;
  }

  /** @throws Error when no router answered */
  async function send(path: string, { method = 'GET', body, headers = {} }: Sent = {}) {
    const answer = await fetch(stack.api + path, {
      method,
      headers: { ...(body && { 'content-type': 'application/json' }), ...headers },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    // nginx itself answers in HTML.
    if (!answer.headers.get('content-type')?.includes('json')) throw new Error(`${answer.status} ${text}`);
    return { status: answer.status, body: JSON.parse(text) };
  }

  /**
   * Reads and writes.
   * @param tries how often a request is sent
   * @param pauseMs time before each request
   */
  function use(name: string, tries: number, pauseMs = 0) {
    const created = new Map<number, string>();
    const ask = async (path: string, sent?: Sent, left = tries): Promise<Awaited<ReturnType<typeof send>>> => {
      try {
        return await send(path, sent);
      } catch (error) {
        if (left === 1) throw error;
        return ask(path, sent, left - 1);
      }
    };
    const load = startLoad(async (n) => {
      if (pauseMs > 0) await setTimeout(pauseMs);
      const [id] = created.keys();
      if (n % 3 === 0 || id === undefined) {
        const body = { name, email: `${name}-${n}@example.com` };
        // nginx and the client repeat no POST without a key.
        const headers = { 'idempotency-key': body.email };
        const answer = await ask('/users', { method: 'POST', body, headers });
        if (answer.status === 201) created.set((answer.body as User).id, body.email);
        return answer.status;
      }
      if (n % 3 === 1) return (await ask(`/users/${id}`, { method: 'PATCH', body: { name: `${name} ${n}` } })).status;
      return (await ask(n % 2 === 0 ? `/users/${id}` : '/users?limit=5')).status;
    });
    return { load, created };
  }

  /** Runs infra/scale/rollout.sh. @param settings in addition to those with which the containers were started */
  const rollOut = (settings: Record<string, string> = {}) =>
    promisify(execFile)('sh', [join(root, 'infra/scale/rollout.sh')], {
      env: { ...process.env, ...stack.env, COMPOSE_PROJECT_NAME: stack.project, COMPOSE_FILE: undefined, ...settings },
    });

  /** Goes from `npm start` to three routers by infra/scale/move-in.sh, while a reader of the site and several writers go on. */
  async function moveIn(): Promise<Takeover> {
    const old = await npmStart({ ...stack.env, MAX_WAIT_MS: '3600000', SITE_API_TIMEOUT_MS: '120000' });
    try {
      const { load, created } = use('moved', 1, gentlePauseMs);
      const pages = startLoad(async () => {
        await setTimeout(gentlePauseMs);
        const answer = await fetch(stack.site);
        await answer.text();
        return answer.status;
      }, 1);
      const env = { ...process.env, ...stack.env, COMPOSE_PROJECT_NAME: stack.project };
      const moveInScript = [join(root, 'infra/scale/move-in.sh'), old.file];
      const add = ['run', '--silent', 'people', '--', 'add', 'Root', '--role', 'administrator', '--link'];
      await promisify(execFile)('npm', add, { env: { ...process.env, DATABASE_URL: `sqlite:${old.file}` }, cwd: root });
      await assert.rejects(promisify(execFile)('sh', moveInScript, { env: { ...env, AUTH: undefined } }), {
        code: 1,
        stderr: /The directory has accounts, and AUTH is not set here/,
      });
      const script = spawn('sh', moveInScript, {
        env: { ...env, AUTH: 'off' },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const exited = once(script, 'exit');
      const output: string[] = [];
      const moved = Promise.withResolvers<void>();
      for (const stream of [script.stdout, script.stderr]) {
        createInterface({ input: stream }).on('line', (line) => {
          output.push(line);
          if (line.startsWith('Everything has moved')) moved.resolve();
        });
      }
      await Promise.race([moved.promise, exited]);
      const early = [...pages.failures];
      await old.interrupt();
      const [code] = await exited;
      assert.equal(code, 0, output.slice(-50).join('\n'));
      const answered = pages.answered;
      await until('the new site answers', () => pages.answered > answered + 3);
      await Promise.all([load.stop(), pages.stop()]);
      return { created, early };
    } finally {
      old.remove();
    }
  }

  /** @returns a command of docker that runs a script in a container of its own, which has an address of its own */
  async function stranger(): Promise<string[]> {
    const { Image, NetworkSettings } = await stack.inspect('site');
    const network = Object.keys(NetworkSettings.Networks).find((name) => name.endsWith('_front')) ?? '';
    return ['run', '--rm', '--init', '--network', network, Image, 'node', '-e'];
  }

  async function allUsers(): Promise<Map<number, string>> {
    const users = new Map<number, string>();
    let path = '/users?limit=1000';
    for (;;) {
      const { body } = await send(path);
      for (const { id, email } of body.users as User[]) users.set(id, email);
      if (body.next === null) return users;
      path = `/users?limit=1000&cursor=${encodeURIComponent(body.next)}`;
    }
  }

  async function assertKept(created: Map<number, string>): Promise<void> {
    const users = await allUsers();
    const lost = [...created].filter(([id, email]) => users.get(id) !== email);
    assert.deepEqual(lost, []);
  }

  test('takes over from npm start: pages answer until it ends, and no acknowledged write is lost', async () => {
    assert.deepEqual(takeover.early, []);
    assert.ok(takeover.created.size > 10, `${takeover.created.size} users`);
    await assertKept(takeover.created);
    const { body } = await send('/health');
    assert.partialDeepStrictEqual(body, { databaseEngine: 'postgres', cacheEngine: 'redis' });
  });

  test('publishes the balancer alone, which uses every router', async () => {
    const ids = await containers();
    assert.equal(ids.length, routers);
    const ports = await docker(['inspect', '-f', '{{json .NetworkSettings.Ports}}', ...ids]);
    assert.doesNotMatch(ports, /HostPort/);
    const invocations = (id: string) =>
      docker([
        'exec',
        id,
        'node',
        '-e',
        "fetch('http://127.0.0.1:3002/metrics').then((a) => a.text()).then(console.log)",
      ]);
    await until('every router has listed users', async () => {
      await send('/users');
      const metrics = await Promise.all(ids.map(invocations));
      return metrics.every((text) => /^lambda_invocations_total\{function="list-users"\} [1-9]/m.test(text));
    });
  });

  test('shows every router on the System page', async () => {
    const page = await (await fetch(`${stack.site}/system`)).text();
    for (const name of [/>router 1</i, />router 2</i, />router 3</i]) assert.match(page, name);
    assert.match(page, /those of 3 routers together/);
  });

  test('is updated one router after the other without a failed request, from the files with which it was started', {
    timeout: 1_200_000,
  }, async () => {
    const before = await containers();
    await stack.compose('up', '--detach', '--no-recreate', '--no-build', '--scale', `api=${routers + 1}`, 'api');
    const [stopped = ''] = (await containers()).filter((id) => !before.includes(id));
    await docker(['stop', stopped]);
    const { load, created } = use('rolled', 1);
    await rollOut();
    await load.stop();
    assert.deepEqual(load.failures, []);
    assert.ok(created.size > 10, `${created.size} users`);
    const now = await containers();
    assert.equal(now.length, routers);
    assert.ok(now.every((id) => id !== stopped && !before.includes(id)));
    const label = ['inspect', '--format', '{{index .Config.Labels "further"}}'];
    const labels = (await docker([...label, ...now])).trim().split('\n');
    assert.deepEqual(labels, ['yes', 'yes', 'yes'], 'the new containers have the settings of every file');
    await assertKept(created);
  });

  test('an update whose settings do not start says why and leaves the containers that serve', async () => {
    const before = await containers();
    await assert.rejects(rollOut({ HISTORY_DAYS: 'many' }), ({ stderr }) => {
      assert.match(stderr, /HISTORY_DAYS.*is removed\. The others serve as before\./s);
      return true;
    });
    const all = await stack.compose('ps', '--all', '--quiet', 'api');
    assert.deepEqual(all.trim().split('\n').sort(), before.sort());
  });

  test('loses no acknowledged write with a router that is killed, and no request fails after one more try', async () => {
    const { load, created } = use('killed', 2);
    await until('the load runs', () => created.size > 10);
    const [victim = ''] = await containers();
    await docker(['kill', '--signal', 'KILL', victim]);
    const answered = load.answered;
    await until('the other routers answer', () => load.answered > answered + 100);
    await load.stop();
    assert.deepEqual(load.failures, []);
    await assertKept(created);
  });

  test('takes the bodies of others while a client sends 300 MB that never end', async () => {
    const { hostname, port } = new URL(stack.api);
    const head =
      'POST /users HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n';
    const part = head + ' '.repeat(950_000);
    const senders = Array.from({ length: 300 }, () => connect(Number(port), hostname).on('error', () => {}));
    try {
      // A router refuses most of them, and then nothing takes the rest of the body.
      await Promise.all(
        senders.map((sender) => new Promise((resolve) => sender.once('data', resolve).write(part, resolve))),
      );
      for (const length of [10, 300_000]) {
        const { status } = await send('/users', { method: 'POST', body: { name: 'x'.repeat(length) } });
        assert.equal(status, 400);
      }
    } finally {
      for (const sender of senders) sender.destroy();
    }
  });

  test('answers others while one address opens connections whose headers never end', { timeout: 60_000 }, async () => {
    // Opens 1,000 connections, and tells when 512 are left. A time-out would close the first one of them first.
    const script = `const senders = [];
      let left = 1000;
      for (let n = 0; n < 1000; n++) {
        const sender = require('node:net').connect(8080, 'balancer', () => sender.write('GET /users HTTP/1.1\\r\\nHost: b'));
        sender.on('error', () => {}).on('close', () => --left === 512 && !senders[0].destroyed && console.log('full'));
        senders.push(sender);
      }`;
    const flood = spawn('docker', [...(await stranger()), script]);
    try {
      await Promise.race([once(flood.stdout, 'data'), once(flood, 'exit')]);
      assert.equal(flood.exitCode, null);
      assert.equal((await send('/users')).status, 200);
    } finally {
      flood.kill('SIGTERM');
      await once(flood, 'exit');
    }
  });

  test('counts every visitor by an address that nobody can forge, through nginx and through the site', async () => {
    const limits = { CLIENT_RATE_LIMIT: '1', CLIENT_BURST_LIMIT: '10' };
    Object.assign(stack.env, limits);
    await stack.compose('up', '--detach', '--wait', '--no-deps', '--scale', 'api=1', 'api');
    /** Sends many requests from a container of its own, each with another X-Forwarded-For. @returns their statuses */
    const flood = async (url: string) => {
      const script = `Promise.all(Array.from({ length: 100 }, async (_, n) =>
        (await fetch('${url}', { headers: { 'x-forwarded-for': '198.51.100.' + n } })).status)).then((all) => console.log(all.join()))`;
      return (await docker([...(await stranger()), script])).trim().split(',');
    };
    for (const [url, mine] of [
      ['http://balancer:8080/users', `${stack.api}/users`],
      ['http://site:8501/api/users', `${stack.site}/api/users`],
    ] as const) {
      // A second container may get the address of the first one, whose next request is due after a second.
      let statuses: string[];
      do statuses = await flood(url);
      while (!statuses.includes('200'));
      assert.ok(statuses.includes('429'), `${url}: ${statuses}`);
      assert.equal((await fetch(mine)).status, 200, mine);
    }
  });
});
