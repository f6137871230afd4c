/**
 * The schemas of a user. Types, validation and the OpenAPI document all come from them.
 *
 * A schema's title is its name in the OpenAPI document.
 */
import * as Type from 'typebox';
import { IsIdnEmail } from 'typebox/format';
import { isPlainText, lengthOf } from '../text.ts';

/** The longest name and the longest e-mail, in code points. */
const maxCharacters = 100;

/**
 * The keywords of JSON Schema tell readers of the OpenAPI document the limits. The refinement checks what they can't say: it
 * counts code points, where libraries count graphemes or UTF-16 units.
 */
const Name = Type.Refine(
  Type.String({
    minLength: 1,
    maxLength: maxCharacters,
    description: `Trimmed; 1 to ${maxCharacters} characters.`,
    examples: ['Ada Lovelace'],
  }),
  (value) => nameFault(value) === undefined,
  (value) => nameFault(value) ?? '',
);

const Email = Type.Refine(
  Type.String({
    minLength: 3,
    maxLength: maxCharacters,
    description: `A valid e-mail address of at most ${maxCharacters} characters, unique whatever its case.`,
    examples: ['ada@example.com'],
  }),
  (value) => emailFault(value) === undefined,
  (value) => emailFault(value) ?? '',
);

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

/** One page of the list of users. */
export const UserPage = Type.Object(
  {
    users: Type.Array(User),
    total: Type.Integer({ minimum: 0, description: 'How many users match, on all pages together.' }),
    next: Type.Union([Type.String(), Type.Null()], {
      description: 'The cursor of the next page; null on the last one.',
    }),
  },
  { title: 'UserPage' },
);

/** @returns the fault of a name, or undefined. The keyword `type` reports values that are not text. */
function nameFault(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (value === '') return 'must not be empty';
  if (lengthOf(value) > maxCharacters) return `must have at most ${maxCharacters} characters`;
  return isPlainText(value) ? undefined : 'must not contain control characters';
}

/** @returns the fault of an e-mail, or undefined. The keyword `type` reports values that are not text. */
function emailFault(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (value === '') return 'must not be empty';
  if (lengthOf(value) > maxCharacters) return `must have at most ${maxCharacters} characters`;
  return isPlainText(value) && IsIdnEmail(value) ? undefined : 'must be a valid e-mail address';
}
