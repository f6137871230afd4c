/** The schemas of requests that concern many users. Types, validation and the OpenAPI document all come from them. */
import * as Type from 'typebox';
import { FieldFault } from '../http/field-fault.ts';
import { User, UserInput } from './schema.ts';

/** How many users one request may create, update or delete. */
export const maxBatchUsers = 1000;

const batchOf = <Row extends Type.TSchema>(row: Row) =>
  Type.Object(
    {
      users: Type.Array(row, { minItems: 1, maxItems: maxBatchUsers }),
      existing: Type.Optional(
        Type.Enum(['refuse', 'update'], {
          default: 'refuse',
          description: 'What happens to a row whose e-mail a user has already: 409, or that user is updated.',
        }),
      ),
      validateOnly: Type.Optional(
        Type.Boolean({
          default: false,
          description: 'Writes nothing, and answers what the same request would do now.',
        }),
      ),
    },
    { title: 'UserBatch', additionalProperties: false },
  );

/** The body of POST /users/batch, as the OpenAPI document shows it. */
export const UserBatch = batchOf(UserInput);

/** The same body before its rows are checked: a row that is not valid fails alone. */
export const UncheckedUserBatch = batchOf(Type.Unknown());

const { id, name, email, version } = User.properties;

/** The result of creating or updating the user of one row. */
export const UserBatchResult = Type.Object(
  {
    status: Type.Enum([200, 201, 400, 409], {
      description:
        '201: created. 200: updated, or equal to the existing user. 400: not valid. 409: another user, or an earlier row, has the e-mail.',
    }),
    id: Type.Optional(id),
    version: Type.Optional(version),
    previous: Type.Optional(
      Type.Object(
        { name, email, version },
        { description: 'The user before the update; missing when nothing changed.' },
      ),
    ),
    type: Type.Optional(Type.String({ examples: ['urn:cadastro:problem:email-taken'] })),
    detail: Type.Optional(Type.String()),
    errors: Type.Optional(Type.Array(FieldFault)),
  },
  { title: 'UserBatchResult' },
);

/** The response to POST /users/batch. */
export const UserBatchResults = Type.Object(
  { results: Type.Array(UserBatchResult, { description: 'One for each row, in the order of the request.' }) },
  { title: 'UserBatchResults' },
);

const Deletion = Type.Object(
  { id, version: Type.Optional(version), email: Type.Optional(Type.String({ maxLength: 1_000 })) },
  { additionalProperties: false },
);

/** The body of POST /users/batch-delete. */
export const UserDeletion = Type.Object(
  {
    users: Type.Optional(
      Type.Array(Deletion, {
        minItems: 1,
        maxItems: maxBatchUsers,
        description: 'The users to delete. One with a version or an e-mail is deleted only if it has them.',
      }),
    ),
    q: Type.Optional(
      Type.String({
        maxLength: 100,
        description: `Instead of \`users\`: deletes the first ${maxBatchUsers} that GET /users would find. It must not be empty.`,
      }),
    ),
    all: Type.Optional(
      Type.Boolean({ description: `Instead of \`users\`: true deletes the first ${maxBatchUsers} of all users.` }),
    ),
  },
  { title: 'UserDeletion', additionalProperties: false },
);

/** The result of deleting one user. */
export const UserDeletionResult = Type.Object(
  {
    status: Type.Enum([204, 404, 412], {
      description:
        '204: deleted. 404: there is no such user. 412: the user has another version or e-mail; the result names its version.',
    }),
    id,
    version: Type.Optional(version),
    type: Type.Optional(Type.String({ examples: ['urn:cadastro:problem:user-not-found'] })),
    detail: Type.Optional(Type.String()),
  },
  { title: 'UserDeletionResult' },
);

/** The response to POST /users/batch-delete. */
export const UserDeletionResults = Type.Object(
  {
    results: Type.Array(UserDeletionResult, {
      description: 'One for each user: in the order of the request, or by id.',
    }),
    left: Type.Integer({
      minimum: 0,
      description:
        'How many more users match `q` or `all`, at least: of a search, 10,000 matches are counted. The same request, with another ' +
        'Idempotency-Key, goes on with them.',
    }),
  },
  { title: 'UserDeletionResults' },
);
