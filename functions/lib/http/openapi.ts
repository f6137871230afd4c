/**
 * The parts that operations of the OpenAPI document are made of. `openapi.ts` in a function's folder uses them; only the
 * openapi function's bundle contains them.
 * @see https://spec.openapis.org/oas/v3.1.0#operation-object
 */
import * as Type from 'typebox';
import { FieldFault } from './field-fault.ts';

/** The description of a route. functions/openapi/document.ts adds operationId and plain path parameters. */
export interface Operation {
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: object;
  /** By status code. */
  readonly responses: Readonly<Record<number, object>>;
}

/** A parameter of a request. */
export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly [key: string]: unknown;
}

const Problem = Type.Object(
  {
    type: Type.String({ examples: ['urn:cadastro:problem:email-taken'] }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    message: Type.String({ description: 'The same as detail.' }),
    instance: Type.Optional(Type.String()),
    errors: Type.Array(FieldFault),
    requestId: Type.String(),
  },
  { title: 'Problem', description: 'Problem details (RFC 9457)' },
);

/** @param schema of the parameter's value, as a JSON Schema */
export function pathParameter(name: string, schema: object): Parameter {
  return { name, in: 'path', required: true, schema };
}

/** @param schema of the parameter's value, as a JSON Schema */
function queryParameter(name: string, description: string, schema: object): Parameter {
  return { name, in: 'query', description, schema };
}

/** Describes an optional header of the request. */
function requestHeader(name: string, description: string): Parameter {
  return { name, in: 'header', description, schema: { type: 'string' } };
}

/** @param schema of the request's JSON body; one with a title becomes a component of the document */
export function jsonBody(schema: object): object {
  return { required: true, content: { 'application/json': { schema } } };
}

/**
 * Describes a response with a JSON body.
 * @param schema of the body; one with a title becomes a component of the document
 * @param headers header objects by name
 */
export function jsonResponse(description: string, schema: object, headers?: object): object {
  return { description, ...(headers && { headers }), content: { 'application/json': { schema } } };
}

/** Describes an error response. */
export function problemResponse(description: string): object {
  return { description, content: { 'application/problem+json': { schema: Problem } } };
}

/** The parameters of a list that has one order, and that nobody searches. */
export const pageParameters: readonly Parameter[] = [
  queryParameter('limit', 'Items per page', { type: 'integer', minimum: 1, maximum: 1000, default: 100 }),
  queryParameter('cursor', 'The `next` of the page before', { type: 'string' }),
];

/**
 * The parameters of a list, as functions/lib/resources/list-query.ts reads them.
 * @param sortFields the fields that `sort` accepts, without the minus that asks for descending order
 */
export function listParameters(sortFields: readonly string[]): Parameter[] {
  return [
    ...pageParameters,
    queryParameter('q', 'Words that an item contains, in any order, whatever their case, accents and apostrophes', {
      type: 'string',
      maxLength: 100,
    }),
    queryParameter(
      'sort',
      'Field to sort by, with - in front for descending order. Without it, a search lists the best matches first.',
      {
        enum: [...sortFields, ...sortFields.map((field) => `-${field}`)],
        default: 'id',
      },
    ),
    ifNoneMatch,
  ];
}

/** The conditions that a write of one item takes. */
export const writeConditions = [
  requestHeader('If-Match', 'The ETags of the versions that may be changed'),
  requestHeader('If-None-Match', 'The ETags of the versions that may not be changed; * allows no change'),
];
export const ifNoneMatch = requestHeader('If-None-Match', 'The ETag that the client has');

export const idempotencyKey = requestHeader(
  'Idempotency-Key',
  'A request with the same key and body within 24 hours gets the first response again, unless that one changed nothing',
);

export const etagHeader = {
  ETag: { description: 'The version of the resource, or the revision of the list', schema: { type: 'string' } },
};

/** Headers of responses that may come from the cache. */
export const readHeaders = {
  ...etagHeader,
  'X-Cache': { description: 'Where the response came from', schema: { enum: ['hit', 'miss', 'bypass'] } },
  'Server-Timing': { description: 'Milliseconds spent in cache and db', schema: { type: 'string' } },
};

/** The responses of reads that are the same everywhere. */
export const readResponses = {
  304: { description: 'The client has this state already', headers: readHeaders },
  400: problemResponse('Parameters are wrong; the problem names each'),
};

/** The responses of lists that are the same everywhere. */
export const listResponses = { ...readResponses, 414: problemResponse('The query string is too long') };

/** The responses of requests with a JSON body that are the same everywhere. */
export const bodyResponses = {
  400: problemResponse(
    'Fields or parameters are wrong, and the problem names each; or the body has over 1000 members or 32 levels',
  ),
  413: problemResponse('The body is larger than 1 MiB'),
  415: problemResponse('The body is not declared as JSON'),
};

/** The responses of requests that concern many items, which take an Idempotency-Key. */
export const batchResponses = {
  ...bodyResponses,
  400: problemResponse(
    'Fields are wrong, and the problem names each; or the body has over 10,000 members or 32 levels',
  ),
  422: problemResponse('The Idempotency-Key was used with another body'),
};
