/** The schemas of the bin of deleted users. Types, validation and the OpenAPI document all come from them. */
import * as Type from 'typebox';
import { maxBatchUsers } from './batch-schema.ts';
import { totalExact, User } from './schema.ts';

/** A deleted user in a response. */
export const DeletedUser = Type.Object(
  { ...User.properties, deletedAt: Type.String({ format: 'date-time' }) },
  { title: 'DeletedUser' },
);

/** One page of the bin. */
export const DeletedUserPage = Type.Object(
  {
    users: Type.Array(DeletedUser),
    total: Type.Integer({ minimum: 0, description: 'How many deleted users match, on all pages together.' }),
    totalExact,
    next: Type.Union([Type.String(), Type.Null()], {
      description: 'The cursor of the next page; null on the last one.',
    }),
    days: Type.Integer({ minimum: 0, description: 'How many days a deleted user stays in the bin.' }),
  },
  { title: 'DeletedUserPage' },
);

const { id, version } = User.properties;

/** The body of POST /users/bin/restore. */
export const UserRestoration = Type.Object(
  { ids: Type.Array(id, { minItems: 1, maxItems: maxBatchUsers }) },
  { title: 'UserRestoration', additionalProperties: false },
);

/** The result of restoring one user. */
export const UserRestorationResult = Type.Object(
  {
    status: Type.Enum([200, 404, 409], {
      description: '200: restored. 404: not in the bin. 409: another user has the e-mail.',
    }),
    id,
    version: Type.Optional(version),
    owner: Type.Optional(Type.Integer({ minimum: 1, description: 'The id of the user that has the e-mail.' })),
    type: Type.Optional(Type.String({ examples: ['urn:cadastro:problem:email-taken'] })),
    detail: Type.Optional(Type.String()),
  },
  { title: 'UserRestorationResult' },
);

/** The response to POST /users/bin/restore. */
export const UserRestorationResults = Type.Object(
  { results: Type.Array(UserRestorationResult, { description: 'One for each id, in the order of the request.' }) },
  { title: 'UserRestorationResults' },
);
