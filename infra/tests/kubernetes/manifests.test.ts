/** Checks the manifests against Kubernetes' own schemas, and their parts against each other and the programs' settings. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { readConfig } from '../../../functions/lib/config.ts';
import { parseSettings } from '../../../site/src/server/parse-settings.ts';
import { manifests } from '../../kubernetes/manifests.ts';
import { parseConfig } from '../../router/config.ts';
import { namesReadBy } from '../support/settings.ts';
import { objects, ofKind, options, pods, selected, variablesOf } from './objects.ts';

const root = join(import.meta.dirname, '../../..');
const command = join(root, 'infra/scripts/k8s.ts');
const images = ['--api-image', options.apiImage, '--site-image', options.siteImage];

test('every object fits the schema of its kind, has a name of its own and lies in the namespace', () => {
  for (const object of manifests(options)) assert.doesNotThrow(() => object.validate(), object.kind);
  const names = objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  assert.equal(new Set(names).size, names.length);
  for (const { metadata } of objects) assert.equal(metadata.namespace, 'cadastro');
});

test('the command prints all objects as YAML, or the Job alone, or says what is missing', () => {
  const run = (...args: string[]) => spawnSync(process.execPath, [command, ...args], { encoding: 'utf8' });
  // As kubectl does: `AUTH: on` would be true.
  const read = (text: string) => parseAllDocuments(text, { version: '1.1' }).map((document) => document.toJS());
  const openId = ['--oidc-issuer', 'https://id.example.com', '--oidc-client-id', 'cadastro'];
  const host = ['--host', 'users.example.com'];
  const all = run(...images, ...host, '--trusted-proxies', '10.0.0.0/8', '--database-ca', ...openId);
  assert.deepEqual(read(all.stdout), objects, all.stderr);
  assert.deepEqual(
    read(run('migrate', ...images).stdout).map(({ kind }) => kind),
    ['Job'],
  );
  for (const [args, message] of [
    [[], /^--api-image and --site-image are missing/],
    [[...images, '--replicas', 'two'], /^--replicas is "two": it takes a whole number/],
    [[...images, '--replicas', '9'], /^--max-replicas takes --replicas or more/],
    [[...images, ...openId], /^--oidc-issuer needs --host/],
    [[...images, ...host, ...openId.slice(0, 2)], /^--oidc-issuer and --oidc-client-id need each other/],
    [[...images, ...host, ...openId, '--anonymous'], /^--oidc-issuer and --anonymous exclude each other/],
    [[...images, ...host, '--oidc-issuer', 'id', '--oidc-client-id', 'c'], /^--oidc-issuer is "id": it takes a URL/],
    [[...images, '--replica', '9'], /Unknown option '--replica'/],
  ] as const) {
    const { status, stderr } = run(...args);
    assert.equal(status, 2);
    assert.match(stderr, message);
  }
});

test('API and site ask who calls, unless --anonymous says that they need not', () => {
  const auth = (isAnonymous: boolean) =>
    manifests({ ...options, isAnonymous, openId: undefined })
      .filter(({ kind }) => kind === 'ConfigMap')
      .map((one) => (one as { data?: Record<string, string> }).data)
      .map((data) => [data?.AUTH, data?.ALLOW_ANONYMOUS]);
  assert.deepEqual(auth(false), [
    ['on', undefined],
    ['on', undefined],
  ]);
  assert.deepEqual(auth(true), [
    ['off', '1'],
    ['off', '1'],
  ]);
  const signInSettings = ['PUBLIC_URL', 'OIDC_ISSUER', 'SITE_KEY_FILE'];
  const anonymous = JSON.stringify(manifests({ ...options, isAnonymous: true, openId: undefined }));
  const own = JSON.stringify(objects);
  for (const name of signInSettings) assert.deepEqual([own.includes(name), anonymous.includes(name)], [true, false]);
  const { stdout } = spawnSync(process.execPath, [command, ...images, '--anonymous'], { encoding: 'utf8' });
  assert.match(stdout, /AUTH: "?off/);
});

test('every Service, disruption budget and policy finds pods, and the autoscaler finds its Deployment', () => {
  for (const { kind, metadata, spec } of objects) {
    const selectors: Record<string, string>[] =
      {
        Service: () => [spec.selector],
        PodDisruptionBudget: () => [spec.selector.matchLabels],
        Deployment: () => [spec.selector.matchLabels],
        NetworkPolicy: () => [
          spec.podSelector.matchLabels,
          ...[...(spec.ingress ?? []), ...(spec.egress ?? [])].flatMap((rule) =>
            [...(rule.from ?? []), ...(rule.to ?? [])].map((peer) => peer.podSelector.matchLabels),
          ),
        ],
      }[kind as 'Service']?.() ?? [];
    for (const selector of selectors) assert.equal(selected(selector).length, 1, `${kind} ${metadata.name}`);
  }
  const [target] = ofKind('HorizontalPodAutoscaler').map(({ spec }) => spec.scaleTargetRef);
  assert.ok(ofKind('Deployment').some(({ metadata }) => metadata.name === target.name));
});

test('every port that an object names is a port of the pods behind it', () => {
  const portsOf = (selector: Record<string, string>) =>
    selected(selector).flatMap(({ container }) => container.ports ?? []);
  for (const { metadata, spec } of ofKind('Service')) {
    for (const { port, targetPort } of spec.ports) {
      const found = portsOf(spec.selector).find(({ name }) => name === targetPort);
      assert.equal(found?.containerPort, port, metadata.name);
    }
  }
  for (const { owner, container } of pods) {
    for (const probe of [container.livenessProbe, container.readinessProbe]) {
      const port = probe?.httpGet?.port ?? probe?.tcpSocket?.port;
      if (port !== undefined)
        assert.ok(
          container.ports?.some(({ name }) => name === port),
          `${owner}: ${port}`,
        );
    }
  }
  for (const { spec } of ofKind('NetworkPolicy')) {
    const own = portsOf(spec.podSelector.matchLabels).map(({ containerPort }) => containerPort);
    for (const { port } of (spec.ingress ?? []).flatMap((rule: { ports: { port: number }[] }) => rule.ports)) {
      assert.ok(own.includes(port), `${port}`);
    }
  }
  for (const { spec } of ofKind('Ingress')) {
    const { name, port } = spec.rules[0].http.paths[0].backend.service;
    const service = ofKind('Service').find(({ metadata }) => metadata.name === name);
    assert.ok(service?.spec.ports.some((one: { name: string }) => one.name === port.name));
  }
});

test('every variable is a setting of its program, with a value that it takes', () => {
  const programs = { 'cadastro-api': [parseConfig, readConfig], 'cadastro-site': [parseSettings] };
  for (const [owner, parsers] of Object.entries(programs)) {
    const variables = variablesOf(pods.find((one) => one.owner === owner) as (typeof pods)[0]);
    const known = new Set(parsers.flatMap((parse) => [...namesReadBy(parse)]));
    assert.deepEqual(
      Object.keys(variables).filter((name) => !known.has(name)),
      [],
    );
    // The files of the secrets are not here: run.test.ts starts a router that reads them.
    const withoutFiles = Object.entries(variables).filter(([name]) => !name.endsWith('_FILE'));
    const values = { ...Object.fromEntries(withoutFiles), OIDC_CLIENT_SECRET: 'of a file' };
    for (const parse of parsers) assert.doesNotThrow(() => parse(values));
  }
});

test('addresses in settings lead to ports of Services', () => {
  const urls = pods.flatMap((pod) => Object.values(variablesOf(pod))).filter((value) => /^http:/.test(value));
  assert.ok(urls.length >= 2);
  for (const url of urls) {
    const { hostname, port } = new URL(url);
    const service = ofKind('Service').find(({ metadata }) => metadata.name === hostname);
    assert.ok(
      service?.spec.ports.some((one: { port: number }) => String(one.port) === port),
      url,
    );
  }
});

test('every file that a variable names lies in a mounted secret, and every mount has its volume', () => {
  for (const pod of pods) {
    const { volumeMounts = [] } = pod.container;
    const volumes = (pod.spec.volumes ?? []).map(({ name }) => name);
    assert.deepEqual(volumeMounts.map(({ name }) => name).sort(), volumes.sort(), pod.owner);
    for (const [name, path] of Object.entries(variablesOf(pod))) {
      if (name.endsWith('_FILE'))
        assert.ok(
          volumeMounts.some(({ mountPath }) => path.startsWith(`${mountPath}/`)),
          path,
        );
    }
  }
});

test('every pod runs as an ordinary user on a read-only file system, with limits and without rights', () => {
  for (const { owner, spec, container } of pods) {
    assert.partialDeepStrictEqual(spec, {
      enableServiceLinks: false,
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    });
    assert.deepEqual(container.securityContext, {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    assert.ok(container.resources?.limits?.memory && container.resources.requests?.cpu, owner);
  }
});

test('Kubernetes waits longer for a router to stop than the router takes, and asks often enough meanwhile', () => {
  const api = pods.find(({ owner }) => owner === 'cadastro-api') as (typeof pods)[0];
  const { drainDelayMs, shutdownTimeoutMs } = parseConfig({ ...variablesOf(api) });
  assert.ok(Number(api.spec.terminationGracePeriodSeconds) * 1000 > drainDelayMs + shutdownTimeoutMs);
  const { periodSeconds = 0, failureThreshold = 0 } = api.container.readinessProbe ?? {};
  assert.ok(drainDelayMs >= 2 * periodSeconds * failureThreshold * 1000);
});
