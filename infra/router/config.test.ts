import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ConfigurationError, parseConfig } from './config.ts';

const fault = (env: Record<string, string>) => {
  try {
    parseConfig(env);
  } catch (error) {
    assert.ok(error instanceof ConfigurationError);
    return error.message;
  }
  return undefined;
};

describe('the settings', { concurrency: true }, () => {
  it('have defaults, and an empty setting counts as unset', () => {
    const { host, port, lambdaPort, runtime, maxPayloadBytes, stageVariables, cors } = parseConfig({
      PORT: ' ',
      HOST: '',
    });
    assert.deepEqual(
      { host, port, lambdaPort, runtime, maxPayloadBytes, stageVariables, cors },
      {
        ...{ host: '127.0.0.1', port: 8080, lambdaPort: 3001, runtime: 'node', maxPayloadBytes: 1024 * 1024 },
        ...{ stageVariables: undefined, cors: undefined },
      },
    );
  });

  it('open only the HTTP API with HOST, and turn the other servers off with port 0', () => {
    const { lambdaHost, statusHost, lambdaPort, statusPort } = parseConfig({
      ...{ HOST: '0.0.0.0', AUTH: 'on', LAMBDA_PORT: '0', STATUS_PORT: '0' },
    });
    assert.deepEqual(
      [lambdaHost, statusHost, lambdaPort, statusPort],
      ['127.0.0.1', '127.0.0.1', undefined, undefined],
    );
  });

  it('are all named when they are invalid', () => {
    const message = fault({
      PORT: '80x',
      FUNCTION_RUNTIME: 'deno',
      ROUTER_LOG_LEVEL: 'LOUD',
      MAX_PAYLOAD_BYTES: '7000000',
    });
    for (const name of ['PORT', 'FUNCTION_RUNTIME', 'ROUTER_LOG_LEVEL', 'MAX_PAYLOAD_BYTES']) {
      assert.ok(message?.includes(name), name);
    }
    assert.match(fault({ PORT: '-1' }) ?? '', /PORT is "-1": it takes a whole number from 0 to 65535/);
    for (const wrong of [{ PORT: '3001' }, { STATUS_PORT: '3001' }, { PORT: '3002' }] as Record<string, string>[]) {
      assert.match(fault(wrong) ?? '', /the same/);
    }
  });

  it('leave room for one environment of each function in every router process', () => {
    assert.equal(parseConfig({}).processes, 1);
    assert.equal(parseConfig({ ROUTER_PROCESSES: '64' }).maxEnvironments, 64);
    for (const wrong of ['0', '65', 'two']) {
      assert.match(
        fault({ ROUTER_PROCESSES: wrong }) ?? '',
        /ROUTER_PROCESSES is ".+": it takes a whole number from 1 to 64/,
      );
    }
    assert.match(
      fault({ ROUTER_PROCESSES: '3', MAX_ENVIRONMENTS: '2' }) ?? '',
      /^MAX_ENVIRONMENTS is 2: it takes ROUTER_PROCESSES \(3\) or more$/,
    );
  });

  it('take a JSON object of strings for STAGE_VARIABLES', () => {
    assert.deepEqual(parseConfig({ STAGE_VARIABLES: '{"a_1":"b"}' }).stageVariables, { a_1: 'b' });
    for (const text of ['{', '[]', '"a"', 'null', '{"a":1}', '{"a-b":"c"}']) {
      assert.match(fault({ STAGE_VARIABLES: text }) ?? '', /STAGE_VARIABLES/, text);
    }
  });

  it('take STAGE_VARIABLES from a file', (test) => {
    const folder = mkdtempSync(join(tmpdir(), 'cadastro-secret-'));
    test.after(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'variables');
    writeFileSync(file, '{"a":"hunter2"}\n');
    assert.deepEqual(parseConfig({ STAGE_VARIABLES_FILE: file }).stageVariables, { a: 'hunter2' });
    const both = { STAGE_VARIABLES: '{}', STAGE_VARIABLES_FILE: file };
    assert.equal(fault(both), 'STAGE_VARIABLES and STAGE_VARIABLES_FILE are both set: unset one of them');
    const missing = { STAGE_VARIABLES_FILE: join(folder, 'missing') };
    assert.match(fault(missing) ?? '', /^STAGE_VARIABLES_FILE: .*missing can't be read \(ENOENT\)$/);
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    for (const endless of [pipe, '/dev/zero', folder]) {
      assert.match(fault({ STAGE_VARIABLES_FILE: endless }) ?? '', /can't be read \(it is no regular file\)$/);
    }
    writeFileSync(file, 'hunter2');
    assert.equal(fault({ STAGE_VARIABLES_FILE: file }), 'STAGE_VARIABLES takes a JSON object of strings');
  });

  it('take host names without ports for ALLOWED_HOSTS, and add the names at which the router listens', () => {
    const { allowedHosts } = parseConfig({
      ALLOWED_HOSTS: 'API, .Example.com,',
      HOST: 'box',
      ALLOW_ANONYMOUS: '1',
      STATUS_HOST: 'inner',
    });
    assert.deepEqual(allowedHosts, ['api', '.example.com', 'box', 'inner']);
    assert.deepEqual(parseConfig({ ALLOWED_HOSTS: '*' }).allowedHosts, ['*']);
    for (const wrong of ['example.com:80', 'http://a', 'a b', '*.example.com', '.', 'a..b']) {
      assert.match(fault({ ALLOWED_HOSTS: wrong }) ?? '', /ALLOWED_HOSTS has/, wrong);
    }
  });

  it('refuse a start that lets other machines in without asking who they are', () => {
    assert.match(
      fault({ HOST: '0.0.0.0' }) ?? '',
      /^HOST lets other machines in, and AUTH is off: set AUTH=on, or ALLOW/,
    );
    assert.match(fault({ HOST: '0.0.0.0', PUBLISH_ADDRESS: '192.0.2.1' }) ?? '', /^PUBLISH_ADDRESS lets/);
    for (const [name, value] of [
      ['AUTH', 'on'],
      ['ALLOW_ANONYMOUS', '1'],
      ['PUBLISH_ADDRESS', '127.0.0.1'],
    ] as const) {
      assert.equal(fault({ HOST: '0.0.0.0', [name]: value }), undefined);
    }
    assert.match(fault({ ALLOW_ANONYMOUS: 'yes' }) ?? '', /ALLOW_ANONYMOUS is "yes": it takes 0 or 1/);
  });

  it('keep the Invoke API on this machine while callers must say who they are', () => {
    assert.equal(parseConfig({ LAMBDA_HOST: '192.0.2.1' }).lambdaHost, '192.0.2.1');
    assert.equal(parseConfig({ LAMBDA_HOST: '192.0.2.1', AUTH: 'on' }).lambdaHost, '127.0.0.1');
  });

  it('limit the rate by default as soon as others than this machine reach the API', () => {
    const on = { route: { rateLimit: 2000, burstLimit: 4000 }, client: { rateLimit: 200, burstLimit: 1000 } };
    const off = { route: undefined, client: undefined };
    for (const [env, expected] of [
      [{}, off],
      [{ HOST: '::1' }, off],
      [{ HOST: 'localhost' }, off],
      [{ HOST: '0.0.0.0' }, on],
      [{ HOST: '127.example.com' }, on],
      [{ HOST: '0.0.0.0', PUBLISH_ADDRESS: '127.0.0.1' }, off],
      [{ HOST: '0.0.0.0', PUBLISH_ADDRESS: '0.0.0.0' }, on],
      [{ HOST: '0.0.0.0', ROUTE_RATE_LIMIT: '0', CLIENT_RATE_LIMIT: '0' }, off],
      [{ ROUTE_RATE_LIMIT: '5' }, { route: { rateLimit: 5, burstLimit: 10 }, client: undefined }],
      [
        { CLIENT_RATE_LIMIT: '5', CLIENT_BURST_LIMIT: '7' },
        { route: undefined, client: { rateLimit: 5, burstLimit: 7 } },
      ],
    ] as [Record<string, string>, object][]) {
      assert.deepEqual(
        parseConfig({ ...env, ALLOW_ANONYMOUS: '1' }).rateLimits,
        { ...expected, maxClients: 10_000 },
        JSON.stringify(env),
      );
    }
  });

  it('take addresses, networks and names for TRUSTED_PROXIES', () => {
    const proxies = ['site', '10.0.0.0/8', '::1', 'proxy.example.com'];
    assert.deepEqual(parseConfig({ TRUSTED_PROXIES: proxies.join(', ') }).trustedProxies, proxies);
    for (const wrong of ['10.0.0.0/33', '10.0.0.256', 'http://site', 'site:80', '*']) {
      assert.match(fault({ TRUSTED_PROXIES: wrong }) ?? '', /TRUSTED_PROXIES has/, wrong);
    }
  });

  it('take lists for CORS', () => {
    const { cors } = parseConfig({
      CORS_ALLOW_ORIGINS: 'https://a.example, http://localhost:8501,https://*',
      CORS_ALLOW_METHODS: 'GET,POST',
      CORS_MAX_AGE: '0',
    });
    assert.deepEqual(cors, {
      allowOrigins: ['https://a.example', 'http://localhost:8501', 'https://*'],
      allowMethods: ['GET', 'POST'],
      allowHeaders: [],
      exposeHeaders: [],
      maxAgeSeconds: 0,
      allowCredentials: false,
    });
  });

  it('refuse CORS settings that browsers would reject', () => {
    const any = { CORS_ALLOW_ORIGINS: '*' };
    assert.match(fault({ CORS_ALLOW_METHODS: 'GET' }) ?? '', /CORS_ALLOW_METHODS without CORS_ALLOW_ORIGINS/);
    assert.match(
      fault({ ...any, CORS_ALLOW_CREDENTIALS: 'true' }) ?? '',
      /CORS_ALLOW_CREDENTIALS takes origins by name/,
    );
    assert.match(fault({ ...any, CORS_ALLOW_CREDENTIALS: 'yes' }) ?? '', /CORS_ALLOW_CREDENTIALS is "yes"/);
    assert.match(fault({ ...any, CORS_MAX_AGE: '86401' }) ?? '', /CORS_MAX_AGE/);
    assert.match(fault({ ...any, CORS_ALLOW_HEADERS: 'a b' }) ?? '', /CORS_ALLOW_HEADERS has "a b"/);
    for (const origin of [
      'example.com',
      'https://a.example/',
      'https://A.example',
      'ftp://a.example',
      'https://*.a.example',
    ]) {
      assert.match(fault({ CORS_ALLOW_ORIGINS: origin }) ?? '', /CORS_ALLOW_ORIGINS has/, origin);
    }
  });
});
