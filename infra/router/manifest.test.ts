import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Compile } from 'typebox/schema';
import schema from './function.schema.json' with { type: 'json' };
import { parseFunction, readManifest } from './manifest.ts';

describe('the manifest', { concurrency: true }, () => {
  it("fills in Lambda's defaults", () => {
    assert.deepEqual(parseFunction({ name: 'f' }, '/dist'), {
      name: 'f',
      routes: [],
      schedules: [],
      onStart: false,
      codeFolder: '/dist/functions/f',
      codeSha256: '',
      handler: 'handler.handler',
      runtime: 'nodejs24.x',
      runtimeClient: undefined,
      timeout: 3,
      memorySize: 128,
      provisionedConcurrency: 0,
      reservedConcurrentExecutions: 1000,
      maxConcurrency: 1,
      throttling: undefined,
      role: 'administrator',
      environment: [],
      variables: {},
    });
  });

  it('accepts one route or a list of routes', () => {
    const keysOf = (route: unknown) => parseFunction({ name: 'f', route }, '/').routes.map(({ key }) => key);
    assert.deepEqual(keysOf('GET /a'), ['GET /a']);
    assert.deepEqual(keysOf(['GET /a', { key: 'GET /b' }]), ['GET /a', 'GET /b']);
  });

  it('gives a route the stage and the payload format of its API', () => {
    const routesOf = (...route: unknown[]) => parseFunction({ name: 'f', route }, '/').routes;
    const none = { authorizer: undefined, cors: undefined };
    assert.deepEqual(routesOf('GET /a', { key: 'GET /b', api: 'rest' }, { key: '$default', api: 'url' }), [
      { key: 'GET /a', api: 'http', stage: '$default', payloadFormatVersion: '2.0', ...none },
      { key: 'GET /b', api: 'rest', stage: 'Prod', payloadFormatVersion: '1.0', ...none },
      { key: '$default', api: 'url', stage: '$default', payloadFormatVersion: '2.0', ...none },
    ]);
    const authorizer = { type: 'unsupported', name: 'AWS_IAM' };
    const own = { key: 'GET /a', api: 'http', stage: 'dev', payloadFormatVersion: '1.0', authorizer, cors: undefined };
    assert.deepEqual(routesOf(own), [own]);
    const others = { type: 'unsupported', name: 'Cognito' };
    const { routes } = parseFunction({ name: 'f', route: ['GET /b', own], authorizer: others }, '/');
    assert.deepEqual(
      routes.map((route) => route.authorizer),
      [others, authorizer],
    );
  });

  it('gives schedules a name, a service and a time zone', () => {
    const schedulesOf = (schedules: unknown) => parseFunction({ name: 'f', schedules }, '/').schedules;
    const rule = { service: 'events', timezone: 'UTC', input: undefined };
    assert.deepEqual(schedulesOf('rate(1 day)'), [{ name: 'f-1', expression: 'rate(1 day)', ...rule }]);
    const own = {
      name: 'a',
      expression: 'rate(1 day)',
      service: 'scheduler',
      timezone: 'Europe/Berlin',
      input: { a: 1 },
    };
    assert.deepEqual(schedulesOf(['rate(1 hour)', own]), [{ name: 'f-1', expression: 'rate(1 hour)', ...rule }, own]);
  });

  it('names the function and its invalid setting', () => {
    const wrong: [Record<string, unknown>, RegExp][] = [
      [
        { name: 'f', timeOut: 3 },
        /of f: unknown setting "timeOut"; the settings are .*route, .*timeout, .*environment/,
      ],
      [{ name: 'f', timeout: 901 }, /"timeout" takes a whole number from 1 to 900/],
      [{ name: 'f', timeout: 0.5 }, /"timeout"/],
      [{ name: 'f', memorySize: '128' }, /"memorySize"/],
      [{ name: 'f', maxConcurrency: 0 }, /"maxConcurrency"/],
      [
        { name: 'f', throttling: { rateLimit: 0, burstLimit: 1 } },
        /"throttling" takes rateLimit and burstLimit, whole/,
      ],
      [{ name: 'f', runtime: 'python' }, /"runtime" takes "nodejs18.x" or .*"nodejs24.x"/],
      [{ name: 'f', runtime: 'ric' }, /"runtime" takes "nodejs18.x" or/],
      [{ name: 'f', runtimeClient: 'nodejs24.x' }, /"runtimeClient" takes "node" or "ric"/],
      [{ name: 'f', environment: [1] }, /"environment" takes names of variables, and objects of names and values/],
      [{ name: 'f', environment: { A: 1 } }, /"environment" takes texts as values/],
      [{ name: 'f', environment: ['TABLE=a'] }, /"environment"/],
      [{ name: 'f', route: [1] }, /"route" takes a route key such as/],
      [{ name: 'f', route: {} }, /"key" in "route" takes/],
      [
        { name: 'f', route: { key: 'GET /', path: '/' } },
        /unknown setting "path" in "route"; it takes key, api, stage/,
      ],
      [{ name: 'f', route: { key: 'GET /', api: 'ws' } }, /"api" in "route" takes "http", "rest" or "url"/],
      [{ name: 'f', route: { key: 'GET /', stage: 'a/b' } }, /"stage" in "route" takes/],
      [
        { name: 'f', route: { key: 'GET /', payloadFormatVersion: 2 } },
        /"payloadFormatVersion" in "route" takes "1.0" or/,
      ],
      [{ name: 'f', route: { key: 'GET /', api: 'rest', payloadFormatVersion: '2.0' } }, /is always "1.0"/],
      [{ name: 'f', route: { key: '$default', api: 'rest' } }, /a REST API has no "\$default"/],
      [{ name: 'f', route: { key: 'GET /', api: 'url' } }, /"url" has the key "\$default"/],
      [{ name: 'f', route: { key: 'GET /', authorizer: 'jwt' } }, /"authorizer" takes an object whose "type"/],
      [{ name: 'f', schedules: 1 }, /"schedules" takes an expression such as "rate\(5 minutes\)"/],
      [{ name: 'f', schedules: 'rate(1 days)' }, /the schedule "rate\(1 days\)" is wrong: rate\(…\) takes a number/],
      [{ name: 'f', schedules: { expression: 'rate(1 day)', rate: 1 } }, /unknown setting "rate" in "schedules"/],
      [{ name: 'f', schedules: { name: 'a b', expression: 'rate(1 day)' } }, /"name" in "schedules" takes 1 to 64/],
      [{ name: 'f', schedules: { expression: 'rate(1 day)', service: 'sqs' } }, /"service" in "schedules" takes/],
      [
        { name: 'f', schedules: { expression: 'rate(1 day)', timezone: 'Europe/Berlin' } },
        /needs "service": "scheduler"/,
      ],
      [
        { name: 'f', schedules: ['rate(1 day)', { name: 'f-1', expression: 'rate(1 day)' }] },
        /two "schedules" have the name f-1/,
      ],
      [{ name: 'f', route: { key: 'GET /', cors: true } }, /"cors" in "route" takes an object with "allowOrigins"/],
      [{ name: 'f', route: { key: 'GET /', cors: {} } }, /"allowOrigins" in "cors" takes a list of texts/],
      [
        { name: 'f', route: { key: 'GET /', cors: { allowOrigins: ['a\nb'] } } },
        /"allowOrigins" in "cors" takes a list/,
      ],
      [
        { name: 'f', route: { key: 'GET /', cors: { allowOrigins: [], origin: 1 } } },
        /unknown setting "origin" in "cors"/,
      ],
      [
        { name: 'f', route: { key: 'GET /', cors: { allowOrigins: [], maxAge: 'a' } } },
        /"maxAge" in "cors" takes a whole/,
      ],
      [{ name: 'f', onStart: 'yes' }, /"onStart" takes true or false/],
      [{ name: 'a/b' }, /function name "a\/b"/],
      [{}, /function name/],
    ];
    for (const [entry, message] of wrong) {
      assert.throws(() => parseFunction(entry, '/'), { name: 'ConfigurationError', message });
    }
  });

  it('takes variables by name, with a value, or both', () => {
    const variablesOf = (given: unknown) => {
      const { environment, variables } = parseFunction({ name: 'f', environment: given }, '/');
      return [environment, variables];
    };
    assert.deepEqual(variablesOf(['A', 'B']), [['A', 'B'], {}]);
    assert.deepEqual(variablesOf({ A: 'a', B: '' }), [[], { A: 'a', B: '' }]);
    assert.deepEqual(variablesOf(['A', { B: 'b' }, { B: 'c' }]), [['A'], { B: 'c' }]);
  });

  it('refuses two functions of one name', (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'cadastro-'));
    t.after(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'functions.json'), '[{"name":"f"},{"name":"g"},{"name":"f"}]');
    assert.throws(() => readManifest(folder), { name: 'ConfigurationError', message: /two functions named f/ });
  });

  it('says which command makes a build, when the manifest is missing or unreadable', (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'cadastro-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const message = /functions\.json .*run "npm run build"/;
    assert.throws(() => readManifest(folder), { name: 'ConfigurationError', message });
    for (const text of ['[{', '{}']) {
      writeFileSync(join(folder, 'functions.json'), text);
      assert.throws(() => readManifest(folder), { name: 'ConfigurationError', message });
    }
    writeFileSync(join(folder, 'functions.json'), '[{"name":"f"}]');
    assert.deepEqual(
      readManifest(folder).map(({ name }) => name),
      ['f'],
    );
  });
});

describe('function.schema.json', { concurrency: true }, () => {
  const isValid = (settings: object) => Compile(schema as object).Check(settings);
  const isAccepted = (settings: object) => {
    try {
      parseFunction({ name: 'f', ...settings }, '/');
      return true;
    } catch {
      return false;
    }
  };

  it('documents every setting', () => {
    for (const [key, { description }] of Object.entries(schema.properties)) assert.ok(description.length > 20, key);
  });

  it('accepts and refuses what the router accepts and refuses', () => {
    const valid: object[] = [{}, { route: ['GET /a'] }, { environment: ['A_1'] }, { runtimeClient: 'ric' }];
    valid.push({ environment: {} }, { environment: { A: '1' } }, { environment: ['A', { B: '' }] });
    const one = { key: 'GET /', stage: 'dev', authorizer: { type: 'unsupported', name: 'AWS_IAM' } };
    const url = { key: '$default', api: 'url' };
    valid.push({ route: one }, { route: ['GET /a', { ...one, api: 'rest' }, url] });
    valid.push({ route: { ...one, payloadFormatVersion: '1.0' } });
    const limits = { rateLimit: 1, burstLimit: 1_000_000 };
    valid.push({ throttling: limits });
    const invalid: object[] = [
      { unknown: 1 },
      { route: [1] },
      { environment: ['A=1'] },
      { environment: ['A', { B: 1 }] },
    ];
    invalid.push({ environment: { 'A B': '' } }, { environment: [['A']] });
    for (const differs of [{ key: 1 }, { api: 'ws' }, { stage: '' }, { more: 1 }, { authorizer: [] }]) {
      invalid.push({ route: { ...one, ...differs } });
    }
    invalid.push({ route: { ...one, api: 'rest', payloadFormatVersion: '2.0' } }, { route: { ...url, api: 'rest' } });
    invalid.push({ route: { ...url, stage: 'dev' } }, { route: { ...url, payloadFormatVersion: '1.0' } });
    invalid.push({ route: { ...url, key: 'GET /' } });
    for (const differs of [{ burstLimit: undefined }, { rateLimit: 0.5 }, { burstLimit: 1_000_001 }, { more: 1 }]) {
      invalid.push({ throttling: { ...limits, ...differs } });
    }
    for (const [key, setting] of Object.entries(schema.properties)) {
      for (const value of [[{ a: {} }], null, -1]) invalid.push({ [key]: value });
      if ('default' in setting) valid.push({ [key]: setting.default });
      if (!('minimum' in setting)) continue;
      valid.push({ [key]: setting.minimum }, { [key]: setting.maximum });
      invalid.push({ [key]: setting.minimum - 1 }, { [key]: setting.maximum + 1 }, { [key]: setting.minimum + 0.5 });
    }
    for (const settings of valid) {
      assert.deepEqual([isValid(settings), isAccepted(settings)], [true, true], JSON.stringify(settings));
    }
    for (const settings of invalid) {
      assert.deepEqual([isValid(settings), isAccepted(settings)], [false, false], JSON.stringify(settings));
    }
  });
});
