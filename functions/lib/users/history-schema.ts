/** The schemas of the history of a user. Types and the OpenAPI document come from them. */
import * as Type from 'typebox';
import { User } from './schema.ts';

const { id, name, email, version } = User.properties;

/** The state of a user before or after a change. */
export const UserState = Type.Object({ name, email, version }, { title: 'UserState' });

const orNull = (schema: object, description: string) => ({ anyOf: [schema, { type: 'null' }], description });

/** One change of a user. */
export const UserChange = Type.Object(
  {
    id: Type.Integer({ minimum: 1, description: 'Names the change when the state before it is restored.' }),
    action: Type.Enum(['create', 'update', 'delete', 'restore', 'purge'], {
      description:
        'delete: moved to the bin. restore: an earlier state came back. purge: removed from the bin for good.',
    }),
    before: Type.Unsafe<Type.Static<typeof UserState> | null>(orNull(UserState, 'null where there was no user.')),
    after: Type.Unsafe<Type.Static<typeof UserState> | null>(
      orNull(UserState, 'null where there is no user any more.'),
    ),
    actor: Type.Object({
      kind: Type.Enum(['person', 'key', 'anonymous', 'system'], {
        description:
          'anonymous: no authorizer checked the caller. system: the program itself, such as at the end of `BIN_DAYS`.',
      }),
      id: Type.Union([Type.String(), Type.Null()]),
      name: Type.Union([Type.String(), Type.Null()], {
        description: 'The name of the person or of the API key at the time of the change.',
      }),
    }),
    requestId: Type.Union([Type.String(), Type.Null()], { description: 'As in X-Request-Id and in the logs.' }),
    changedAt: Type.String({ format: 'date-time' }),
  },
  { title: 'UserChange' },
);

/** One page of the history of a user. */
export const UserHistoryPage = Type.Object(
  {
    userId: id,
    changes: Type.Array(UserChange, { description: 'The latest change first.' }),
    next: Type.Union([Type.String(), Type.Null()], {
      description: 'The cursor of the next page; null on the last one.',
    }),
    days: Type.Integer({ minimum: 0, description: 'How many days a change is kept.' }),
  },
  { title: 'UserHistoryPage' },
);
