/**
 * Calls every route as nobody, reader, editor and administrator, by a session and by an API key, and compares the answers with the
 * table of rights in infra/docs/accounts.md. A function whose route has no row there fails the test.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { type Role, roles, suffices } from '#lib/accounts/roles.ts';
import { AuthApi } from '../support/auth.ts';
import { readDocument } from '../support/markdown.ts';

interface Entry {
  readonly name: string;
  readonly route?: string;
}

interface Right {
  readonly needs: Role | 'nothing';
  /** Whether only a person who has signed in may do it, and no key. */
  readonly bySession: boolean;
}

const root = join(import.meta.dirname, '../../..');
const entries: Entry[] = JSON.parse(readFileSync(join(root, 'dist/functions.json'), 'utf8'));
const routed = entries.filter((entry): entry is Required<Entry> => entry.route !== undefined);
const rights = readRights();

/** Reads the rows of the table: what one may do, the role that it needs, the routes. */
function readRights(): Map<string, Right> {
  const [, section = ''] = readDocument('infra/docs/accounts.md').split('## Rights of each role\n');
  const found = new Map<string, Right>();
  for (const [, needs = '', routes = ''] of section
    .split('\n## ', 1)
    .join()
    .matchAll(/^\|[^|]+\|([^|]+)\|([^|]+)\|$/gm)) {
    for (const [, route = ''] of routes.matchAll(/`([^`]+)`/g)) {
      assert.ok(!found.has(route), `${route} has two rows in accounts.md`);
      const [role = '', how] = needs.trim().split(', ');
      found.set(route, { needs: role as Right['needs'], bySession: how === 'signed in' });
    }
  }
  return found;
}

/** @returns the request of a function's first sample event, without its credential */
async function sampleOf(
  name: string,
): Promise<{ path: string; init: RequestInit & { headers: Record<string, string> } }> {
  const folder = join(root, 'functions', name, 'events');
  const [file = ''] = (await readdir(folder)).sort();
  const event: APIGatewayProxyEventV2 = JSON.parse(await readFile(join(folder, file), 'utf8'));
  const { authorization: _, host: __, 'content-length': ___, ...headers } = event.headers as Record<string, string>;
  const query = event.rawQueryString === '' ? '' : `?${event.rawQueryString}`;
  const { method } = event.requestContext.http;
  return { path: event.rawPath + query, init: { method, headers, ...(event.body && { body: event.body }) } };
}

it('names each route of the API once in the table of rights, and no other one', () => {
  const documented = [...rights.keys()].filter((route) => !/^GET \/(livez|readyz)$/.test(route));
  assert.deepEqual(documented.sort(), routed.map(({ route }) => route).sort());
  for (const [route, { needs }] of rights)
    assert.ok(['nothing', ...roles].includes(needs), `${route} needs "${needs}"`);
});

describe('the rights of each role', () => {
  const auth = new AuthApi({}, { AUTH_CACHE_MS: '0', SIGN_IN_ATTEMPTS: '1000' });
  const keys = new Map<Role, string>();

  before(async () => {
    await auth.start();
    // The sample events are about the first person, so that one is nobody who calls.
    await auth.addPerson('Ada Lovelace', 'administrator');
    for (const role of roles) {
      await auth.addPerson(role, role);
      keys.set(role, await auth.createKey(role, role));
    }
  });
  after(() => auth.stop());

  for (const { name, route } of routed) {
    it(`are kept by ${name}: ${route}`, async () => {
      const right = rights.get(route);
      assert.ok(right, `${route} has no row in the table of infra/docs/accounts.md`);
      const { path, init } = await sampleOf(name);
      const call = async (credential?: string) => {
        const headers = { ...init.headers, ...(credential !== undefined && { authorization: `Bearer ${credential}` }) };
        const response = await fetch(auth.router.url + path, { ...init, headers });
        const text = await response.text();
        const type = /json/.test(response.headers.get('content-type') ?? '') ? JSON.parse(text).type : undefined;
        return { status: response.status, type, challenge: response.headers.get('www-authenticate') };
      };
      const isOpen = right.needs === 'nothing';
      const nobody = await call();
      // Signing in with a wrong password has a 401 of its own, so the sample must succeed or fail otherwise.
      if (isOpen) assert.ok(![401, 403].includes(nobody.status), `nobody: ${nobody.status}`);
      else assert.deepEqual([nobody.status, nobody.challenge], [401, 'Bearer realm="cadastro"']);
      for (const role of roles) {
        const mayCall = right.needs === 'nothing' || suffices(role, right.needs);
        const person = await call(await auth.beginSession(role));
        if (mayCall) assert.ok(![401, 403].includes(person.status), `${role}: ${person.status} ${person.type}`);
        else assert.equal(person.status, 403, `${role}: ${person.status} ${person.type}`);
        const key = await call(keys.get(role));
        if (mayCall && right.bySession) assert.equal(key.type, 'urn:cadastro:problem:person-needed', `key of ${role}`);
        else if (mayCall) assert.ok(![401, 403].includes(key.status), `key of ${role}: ${key.status} ${key.type}`);
        else assert.equal(key.status, 403, `key of ${role}: ${key.status} ${key.type}`);
      }
    });
  }
});
