/**
 * The schemas of accounts. A schema's title is its name in the OpenAPI document.
 *
 * Bodies name every field that a caller may set, and refuse all others: so nobody gives themselves a role.
 */
import * as Type from 'typebox';
import { roles } from './roles.ts';

/** The shortest new password, in characters. @see https://pages.nist.gov/800-63-4/sp800-63b.html */
export const minPasswordCharacters = 12;
const maxPasswordCharacters = 256;
const maxCharacters = 100;

const Name = Type.String({ minLength: 1, maxLength: maxCharacters, examples: ['Ada Lovelace'] });
const Email = Type.String({ minLength: 3, maxLength: maxCharacters, examples: ['ada@example.com'] });
const Role = Type.Enum([...roles]);
const NewPassword = Type.String({ minLength: minPasswordCharacters, maxLength: maxPasswordCharacters });
const GivenPassword = Type.String({ minLength: 1, maxLength: maxPasswordCharacters });
const Token = Type.String({ minLength: 1, maxLength: maxCharacters });
const Time = Type.String({ format: 'date-time' });
const closed = { additionalProperties: false };

/** The body that begins a session. */
export const SignIn = Type.Object({ name: Name, password: GivenPassword }, { title: 'SignIn', ...closed });

/** The body that begins a session by the answer of a provider of OpenID Connect. */
export const OpenIdReturn = Type.Object(
  {
    ticket: Type.String({
      minLength: 1,
      maxLength: 2000,
      description: 'As the request that began the sign-in got it.',
    }),
    query: Type.String({
      minLength: 1,
      maxLength: 8000,
      description: 'The query with which the provider has sent the browser back.',
      examples: ['code=abc&state=def&iss=https%3A%2F%2Flogin.example.com'],
    }),
  },
  { title: 'OpenIdReturn', ...closed },
);

/** A sign-in that has begun at a provider of OpenID Connect. */
export const BegunSignIn = Type.Object(
  {
    url: Type.String({ description: 'The page of the provider to which the browser goes.' }),
    ticket: Type.String({ description: 'For the browser that goes there, and nobody else: it belongs in a cookie.' }),
    expiresAt: Time,
  },
  { title: 'BegunSignIn' },
);

/** The body that changes the caller's own password. */
export const PasswordChange = Type.Object(
  { currentPassword: GivenPassword, newPassword: NewPassword },
  { title: 'PasswordChange', ...closed },
);

/** The body that invites a person. */
export const Invitation = Type.Object(
  { name: Name, email: Type.Optional(Email), role: Role },
  { title: 'Invitation', ...closed },
);

/** The body that changes a person. */
export const PersonPatch = Type.Object(
  {
    name: Type.Optional(Name),
    email: Type.Optional(Email),
    role: Type.Optional(Role),
    isDisabled: Type.Optional(Type.Boolean()),
  },
  { title: 'PersonPatch', minProperties: 1, ...closed },
);

/** The body that asks whose link it is. */
export const LinkToken = Type.Object({ token: Token }, { title: 'LinkToken', ...closed });

/** A new password alone, as the command `people` takes it. */
export const PasswordChoice = Type.Object({ password: NewPassword }, closed);

/** The body that sets a password by a link. */
export const LinkUse = Type.Object({ token: Token, password: NewPassword }, { title: 'LinkUse', ...closed });

/** A person in a response. */
export const Person = Type.Object(
  {
    id: Type.Integer({ minimum: 1 }),
    name: Name,
    email: Type.Union([Email, Type.Null()]),
    role: Role,
    isDisabled: Type.Boolean(),
    hasPassword: Type.Boolean({ description: 'False until the person has chosen one by a link.' }),
    createdAt: Time,
    signedInAt: Type.Union([Time, Type.Null()]),
  },
  { title: 'Person' },
);

/** A session, with its token, which nobody can read again. */
export const Session = Type.Object({ token: Token, expiresAt: Time, person: Person }, { title: 'Session' });

/** A link by which a person chooses a password. */
export const Link = Type.Object(
  {
    token: Token,
    url: Type.Union([Type.String(), Type.Null()], {
      description: 'The page of the site for the link; null where `PUBLIC_URL` does not say where the site is.',
    }),
    expiresAt: Time,
  },
  { title: 'Link' },
);

/** A person who was invited. */
export const InvitedPerson = Type.Object({ person: Person, link: Link }, { title: 'InvitedPerson' });

/** Whose link it is. */
export const LinkOwner = Type.Object(
  { name: Name, isNew: Type.Boolean({ description: 'Whether the person has no password yet.' }), expiresAt: Time },
  { title: 'LinkOwner' },
);

/** One page of the list of people, by name. */
export const PeoplePage = Type.Object(
  {
    people: Type.Array(Person),
    total: Type.Integer({ minimum: 0, description: 'How many people there are, on all pages together.' }),
    totalExact: Type.Literal(true),
    next: Type.Union([Type.String(), Type.Null()], {
      description: 'The cursor of the next page; null on the last one.',
    }),
  },
  { title: 'PeoplePage' },
);

/** The caller of a request. */
export const Caller = Type.Object(
  {
    kind: Type.Enum(['person', 'key', 'anonymous']),
    id: Type.Union([Type.String(), Type.Null()]),
    name: Type.Union([Type.String(), Type.Null()]),
    role: Type.Union([Role, Type.Null()], { description: 'Null while AUTH is off: then everybody may do everything.' }),
  },
  { title: 'Caller' },
);
