/**
 * The schemas of a user. Types, validation and the OpenAPI document all come from them.
 *
 * A schema's title is its name in the OpenAPI document.
 */
import * as Type from 'typebox';
import { maxCharacters } from './fields.ts';

/** The keywords of JSON Schema tell readers of the OpenAPI document the limits. fields.ts has the rules that they can't say. */
const Name = Type.String({
  minLength: 1,
  maxLength: maxCharacters,
  description: `Trimmed, without invisible characters; 1 to ${maxCharacters} characters, one of them with a glyph.`,
  examples: ['Ada Lovelace'],
});

const Email = Type.String({
  minLength: 3,
  maxLength: maxCharacters,
  description:
    `An address that browsers accept, of any script, of at most ${maxCharacters} characters. Unique: letter case does not ` +
    'count, and neither does the form of an international domain.',
  examples: ['ada@example.com'],
});

/** The body that creates or replaces a user. */
export const UserInput = Type.Object({ name: Name, email: Email }, { title: 'UserInput', additionalProperties: false });

/** The body that changes a user: a JSON merge patch (RFC 7396) with at least one field. */
export const UserPatch = Type.Object(
  { name: Type.Optional(Name), email: Type.Optional(Email) },
  { title: 'UserPatch', additionalProperties: false, minProperties: 1 },
);

/** A user in a response. */
export const User = Type.Object(
  {
    id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
    name: Name,
    email: Email,
    createdAt: Type.String({ format: 'date-time' }),
    updatedAt: Type.String({ format: 'date-time' }),
    version: Type.Integer({ minimum: 1, description: 'Grows by one with each change; the ETag is this number.' }),
  },
  { title: 'User' },
);

/** The users that share an e-mail. */
export const UserTwins = Type.Object(
  { twins: Type.Array(Type.Array(User), { description: 'A list for each e-mail, the oldest user first.' }) },
  { title: 'UserTwins' },
);

/** Beside `total` in each list. */
export const totalExact = Type.Boolean({
  description: 'False for a search that more items match than `total` says: 10,000 of them are counted.',
});

/** One page of the list of users. */
export const UserPage = Type.Object(
  {
    users: Type.Array(User),
    total: Type.Integer({ minimum: 0, description: 'How many users match, on all pages together.' }),
    totalExact,
    next: Type.Union([Type.String(), Type.Null()], {
      description: 'The cursor of the next page; null on the last one.',
    }),
  },
  { title: 'UserPage' },
);
