/**
 * What a user is: one schema that the types, the validation and the OpenAPI document come from.
 */
import * as Type from 'typebox';
import { IsIdnEmail } from 'typebox/format';
import { isPlainText, lengthOf } from '../text.ts';

/** Characters of a name, and of an e-mail. */
const maxLength = 100;

/**
 * JSON Schema's own keywords tell readers of the OpenAPI document most of it; the refinement is precise: it counts
 * characters, not graphemes, and knows an e-mail address when it sees one.
 */
const Name = Type.Refine(
  Type.String({
    minLength: 1,
    maxLength,
    description: `Trimmed; 1 to ${maxLength} characters.`,
    examples: ['Ada Lovelace'],
  }),
  (value) => nameFault(value) === undefined,
  (value) => nameFault(value) ?? '',
);

const Email = Type.Refine(
  Type.String({
    minLength: 3,
    maxLength,
    description: `A valid e-mail address of at most ${maxLength} characters, unique whatever its case.`,
    examples: ['ada@example.com'],
  }),
  (value) => emailFault(value) === undefined,
  (value) => emailFault(value) ?? '',
);

/** What a client sends to create or replace a user. */
export const UserInput = Type.Object({ name: Name, email: Email }, { additionalProperties: false });

/** What a client sends to change a user: a JSON merge patch, with at least one field. */
export const UserPatch = Type.Object(
  { name: Type.Optional(Name), email: Type.Optional(Email) },
  { additionalProperties: false, minProperties: 1 },
);

/** A user as it is answered. */
export const User = Type.Object({
  id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
  name: Name,
  email: Email,
  createdAt: Type.String({ format: 'date-time' }),
  updatedAt: Type.String({ format: 'date-time' }),
  version: Type.Integer({ minimum: 1, description: 'Grows by one with each change; the ETag is this number.' }),
});

/** One page of a list. */
export const UserPage = Type.Object({
  users: Type.Array(User),
  total: Type.Integer({ minimum: 0, description: 'How many users match, on all pages together.' }),
  next: Type.Union([Type.String(), Type.Null()], { description: 'The cursor of the next page; null on the last one.' }),
});

/** @returns what is wrong with a name, if anything is; other types than text are another keyword's business */
function nameFault(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (value === '') return 'must not be empty';
  if (lengthOf(value) > maxLength) return `must have at most ${maxLength} characters`;
  return isPlainText(value) ? undefined : 'must not contain control characters';
}

/** @returns what is wrong with an e-mail, if anything is */
function emailFault(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (value === '') return 'must not be empty';
  if (lengthOf(value) > maxLength) return `must have at most ${maxLength} characters`;
  return isPlainText(value) && IsIdnEmail(value) ? undefined : 'must be a valid e-mail address';
}
