/**
 * The OpenAPI 3.1 document: made of the same schemas that validate.
 */
import * as Type from 'typebox';
import { User, UserInput, UserPage, UserPatch } from './schema.ts';

const Problem = Type.Object(
  {
    type: Type.String({ examples: ['urn:cadastro:problem:email-taken'] }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    message: Type.String({ description: 'The same as detail.' }),
    instance: Type.Optional(Type.String()),
    errors: Type.Array(Type.Object({ field: Type.String(), message: Type.String() })),
    requestId: Type.String(),
  },
  { description: 'RFC 9457' },
);

const reference = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const json = (name: string) => ({ 'application/json': { schema: reference(name) } });
const body = (name: string) => ({ required: true, content: json(name) });

const etag = { description: 'The version of the user, or the revision of the list', schema: { type: 'string' } };
const xCache = { description: 'Where the answer came from', schema: { enum: ['hit', 'miss', 'bypass'] } };
const serverTiming = { description: 'Milliseconds of cache and db', schema: { type: 'string' } };
const readHeaders = { ETag: etag, 'X-Cache': xCache, 'Server-Timing': serverTiming };

const user = (description: string, headers: object) => ({ description, headers, content: json('User') });
const notModified = { description: 'The client has it already', headers: readHeaders };
const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: reference('Problem') } },
});

const invalid = problem('Fields or parameters are wrong; each is named');
const noSuchUser = problem('There is no such user');
const taken = problem('Another user has this e-mail');
const stale = problem('If-Match does not name the current version');
const tooLarge = problem('The body is larger than 1 MB');
const notJson = problem('The body is not declared as JSON');

const header = (name: string, description: string) => ({ name, in: 'header', description, schema: { type: 'string' } });
const query = (name: string, description: string, schema: object) => ({ name, in: 'query', description, schema });
const id = { name: 'id', in: 'path', required: true, schema: User.properties.id };
const ifMatch = header('If-Match', 'The ETag of the version that may be changed');
const ifNoneMatch = header('If-None-Match', 'The ETag that the client has');

const collection = {
  get: {
    operationId: 'listUsers',
    summary: 'List users, page by page',
    parameters: [
      query('limit', 'Users per page', { type: 'integer', minimum: 1, maximum: 1000, default: 100 }),
      query('cursor', 'The `next` of the page before', { type: 'string' }),
      query('q', 'Text that name or e-mail contain, whatever its case and accents', { type: 'string', maxLength: 100 }),
      query('sort', 'Field to sort by, with - in front for descending order', {
        enum: ['id', 'name', 'email', 'createdAt', '-id', '-name', '-email', '-createdAt'],
        default: 'id',
      }),
      ifNoneMatch,
    ],
    responses: {
      200: { description: 'One page', headers: readHeaders, content: json('UserPage') },
      304: notModified,
      400: invalid,
      414: problem('The query string is too long'),
    },
  },
  post: {
    operationId: 'createUser',
    summary: 'Create a user',
    parameters: [header('Idempotency-Key', 'The same key and body within 24 hours answer the first result again')],
    requestBody: body('UserInput'),
    responses: {
      201: user('Created', { ETag: etag, Location: { schema: { type: 'string' } } }),
      400: invalid,
      409: taken,
      413: tooLarge,
      415: notJson,
      422: problem('The Idempotency-Key was used with another body'),
    },
  },
};

const change = (operationId: string, summary: string, input: string) => ({
  operationId,
  summary,
  parameters: [ifMatch],
  requestBody: body(input),
  responses: {
    200: user('Changed', { ETag: etag }),
    400: invalid,
    404: noSuchUser,
    409: taken,
    412: stale,
    413: tooLarge,
    415: notJson,
  },
});

const member = {
  parameters: [id],
  get: {
    operationId: 'getUser',
    summary: 'Get a user',
    parameters: [ifNoneMatch],
    responses: { 200: user('The user', readHeaders), 304: notModified, 400: invalid, 404: noSuchUser },
  },
  put: change('replaceUser', 'Replace a user', 'UserInput'),
  patch: change('updateUser', 'Change fields of a user (JSON merge patch)', 'UserPatch'),
  delete: {
    operationId: 'deleteUser',
    summary: 'Delete a user',
    parameters: [ifMatch],
    responses: { 204: { description: 'Deleted' }, 400: invalid, 404: noSuchUser, 412: stale },
  },
};

const Health = Type.Object({
  status: Type.Enum(['ok', 'unavailable']),
  database: Type.Enum(['ok', 'unreachable']),
  cache: Type.Enum(['ok', 'bypass']),
});

export const openApiDocument = {
  openapi: '3.1.0',
  info: { title: 'cadastro', version: '0.1.0', description: 'A user directory made of serverless functions.' },
  paths: {
    '/users': collection,
    '/users/{id}': member,
    '/health': {
      get: {
        operationId: 'health',
        summary: 'Whether database and cache answer',
        responses: {
          200: { description: 'The API works, with the cache or without', content: json('Health') },
          503: { description: 'The database does not answer', content: json('Health') },
        },
      },
    },
    '/openapi.json': {
      get: { operationId: 'openapi', summary: 'This document', responses: { 200: { description: 'OpenAPI 3.1' } } },
    },
  },
  components: { schemas: { User, UserInput, UserPatch, UserPage, Problem, Health } },
};
