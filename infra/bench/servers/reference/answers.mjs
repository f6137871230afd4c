/**
 * The routes of the reference servers that take and return what the web's Fetch standard describes: Hono and Bun. They do all that
 * the Fastify server does: validation by the same rules, request ids, ETag, X-Cache, Server-Timing, problem details, the same
 * cache keys and times to live, and a log line for every written user.
 */
import { randomUUID } from 'node:crypto';
import { Ajv } from 'ajv';
import { userSchema } from './user-schema.mjs';

const validate = new Ajv({ allErrors: true, unicodeRegExp: true }).compile(userSchema);

/**
 * Each route takes a request of the form { path, id, header(name), query(), json() }.
 * @param parts the Users, the Cache, and the log, which has the method `info`
 */
export function answersOf({ users, cache, log }) {
  return {
    async health() {
      const database = users.answers();
      const cached = await cache.answers();
      const body = {
        status: database ? 'ok' : 'unavailable',
        database: database ? 'ok' : 'unreachable',
        cache: cached ? 'ok' : 'bypass',
      };
      return answer(database ? 200 : 503, JSON.stringify(body), { 'cache-control': 'no-store' });
    },

    async readUser(request) {
      const id = readId(request);
      if (id === undefined) return invalidId(request);
      const begun = performance.now();
      let json = await cache.user(id);
      const looked = performance.now();
      const hit = json !== null;
      if (!hit) {
        const user = users.find(id);
        if (user === undefined) return noSuchUser(request, id);
        json = JSON.stringify(user);
        await cache.keepUser(id, json);
      }
      const version = json.slice(json.lastIndexOf(':') + 1, -1);
      return read(request, { json, etag: `"${version}"`, hit, begun, looked });
    },

    async listUsers(request) {
      const query = users.parseList(request.query());
      if (query === undefined)
        return problem(request, 400, 'The request is not valid', 'A query parameter is not valid');
      const field = JSON.stringify(query);
      const begun = performance.now();
      let entry = await cache.list(field);
      const looked = performance.now();
      const hit = entry !== null;
      if (!hit) {
        entry = users.list(query);
        await cache.keepList(field, entry);
      }
      const end = entry.indexOf('\n');
      return read(request, { json: entry.slice(end + 1), etag: entry.slice(0, end), hit, begun, looked });
    },

    async createUser(request) {
      const body = trim(await request.json());
      if (!validate(body)) return invalidBody(request, validate.errors);
      const user = users.insert(body);
      if (user === undefined) return emailTaken(request);
      await cache.forget(user.id);
      log.info({ id: user.id }, 'User created');
      return answer(201, JSON.stringify(user), { location: `/users/${user.id}`, etag: `"${user.version}"` });
    },

    async replaceUser(request) {
      const id = readId(request);
      if (id === undefined) return invalidId(request);
      const body = trim(await request.json());
      if (!validate(body)) return invalidBody(request, validate.errors);
      const user = users.replace(id, body);
      if (user === undefined) return noSuchUser(request, id);
      if (user === null) return emailTaken(request);
      await cache.forget(id);
      log.info({ id }, 'User replaced');
      return answer(200, JSON.stringify(user), { etag: `"${user.version}"` });
    },

    notFound: (request) => problem(request, 404, 'Not found', 'There is no such route.'),
  };
}

function answer(status, body, headers) {
  return new Response(body, {
    status,
    headers: { 'content-type': 'application/json', 'x-request-id': randomUUID(), ...headers },
  });
}

function read(request, { json, etag, hit, begun, looked }) {
  const found = `cache;dur=${(looked - begun).toFixed(2)}`;
  const headers = {
    'x-cache': hit ? 'hit' : 'miss',
    'server-timing': hit ? found : `${found}, db;dur=${(performance.now() - looked).toFixed(2)}`,
    etag,
    'cache-control': 'no-cache',
  };
  return request.header('if-none-match') === etag ? answer(304, null, headers) : answer(200, json, headers);
}

/** Trims the texts of a body before the validation. */
function trim(body) {
  if (typeof body !== 'object' || body === null) return body;
  for (const field of Object.keys(body)) if (typeof body[field] === 'string') body[field] = body[field].trim();
  return body;
}

/** @returns the id, or undefined if it is not a positive whole number */
function readId({ id }) {
  return /^[1-9]\d{0,15}$/.test(id) && Number.isSafeInteger(Number(id)) ? Number(id) : undefined;
}

function invalidId(request) {
  const message = `must be a whole number from 1 to ${Number.MAX_SAFE_INTEGER}`;
  return problem(request, 400, 'The request is not valid', `id ${message}`, [{ field: 'id', message }]);
}

function invalidBody(request, failures) {
  const errors = failures.map(({ instancePath, params, message }) => ({
    field: instancePath.slice(1) || params.missingProperty || params.additionalProperty || 'body',
    message,
  }));
  const detail = errors.map(({ field, message }) => `${field} ${message}`).join('; ');
  return problem(request, 400, 'The request is not valid', detail, errors);
}

function noSuchUser(request, id) {
  return problem(request, 404, 'No such user', `There is no user ${id}.`);
}

function emailTaken(request) {
  const errors = [{ field: 'email', message: 'is taken by another user' }];
  return problem(request, 409, 'The e-mail is taken', 'Another user has this e-mail.', errors);
}

function problem({ path }, status, title, detail, errors = []) {
  const requestId = randomUUID();
  const body = JSON.stringify({ type: 'about:blank', title, status, detail, instance: path, errors, requestId });
  const headers = {
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    'x-request-id': requestId,
  };
  return new Response(body, { status, headers });
}
