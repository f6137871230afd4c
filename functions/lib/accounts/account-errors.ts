/** Errors of accounts, sessions and links. */
import { HttpError } from '../errors.ts';
import { counter } from '../metrics.ts';

/** Sign-ins and proofs of a password that failed, by whichever way. */
export const signInFailures = counter('SignInFailures');
const signInPauses = counter('SignInPauses');

/** 401: name or password is wrong, or the account is disabled. The text does not tell which. */
export class SignInFailed extends HttpError {
  override readonly name = 'SignInFailed';
  readonly status = 401;
  readonly title = 'Name or password is wrong';
  override readonly counted = signInFailures;

  constructor() {
    super('There is no active account with this name and this password.', {
      headers: { 'www-authenticate': 'Bearer realm="cadastro"' },
    });
  }
}

/** 429: too many attempts to sign in have failed for this account or from this address. */
export class SignInPaused extends HttpError {
  override readonly name = 'SignInPaused';
  readonly status = 429;
  readonly title = 'Too many failed attempts';
  override readonly counted = signInPauses;

  /** @param waitMs until the next attempt is taken */
  constructor(waitMs: number) {
    const seconds = Math.max(1, Math.ceil(waitMs / 1000));
    super(`Too many attempts failed; wait ${seconds} s.`, { headers: { 'retry-after': String(seconds) } });
  }
}

/** 403: the current password that the caller gave is wrong. */
export class WrongPassword extends HttpError {
  override readonly name = 'WrongPassword';
  readonly status = 403;
  readonly title = 'The current password is wrong';
  override readonly counted = signInFailures;

  constructor() {
    super('The current password is wrong.', {
      errors: [{ field: 'currentPassword', code: 'wrong', message: 'is wrong' }],
    });
  }
}

/** 403: an API key or a token of another issuer can't do what only a person with a session does. */
export class PersonNeeded extends HttpError {
  override readonly name = 'PersonNeeded';
  readonly status = 403;
  readonly title = 'Only a person who has signed in may do this';

  constructor() {
    super('The request needs the session token of a person.');
  }
}

/** 403: the caller was an administrator when the authorizer looked, and is none any more. */
export class AdministratorNeeded extends HttpError {
  override readonly name = 'AdministratorNeeded';
  readonly status = 403;
  readonly title = 'Only an administrator may do this';

  constructor() {
    super('The request needs an administrator.');
  }
}

/** 403: the routes of accounts need a caller, and no authorizer has checked the request. */
export class AccountsOff extends HttpError {
  override readonly name = 'AccountsOff';
  readonly status = 403;
  readonly title = 'Accounts are off';

  constructor() {
    super('Accounts can be managed only while AUTH is on: start the API with AUTH=on.');
  }
}

/** 404: the link does not exist, was used, or has expired. */
export class LinkNotValid extends HttpError {
  override readonly name = 'LinkNotValid';
  readonly status = 404;
  readonly title = 'The link is not valid';

  constructor() {
    super(
      'The link was used already, has expired, or was replaced by a newer one. Ask an administrator for another one.',
    );
  }
}

/** 404: nobody has this id or name. */
export class PersonNotFound extends HttpError {
  override readonly name = 'PersonNotFound';
  readonly status = 404;
  readonly title = 'No such person';

  /** @param who id or name, as the caller gave it */
  constructor(who: number | string) {
    super(`There is no person ${who}.`);
  }
}

/** 409: another person, or another key, has the name. */
export class NameTaken extends HttpError {
  override readonly name = 'NameTaken';
  readonly status = 409;
  readonly title = 'The name is taken';

  constructor() {
    super('The name is taken.', { errors: [{ field: 'name', code: 'taken', message: 'is taken' }] });
  }
}

/** 409: without this person nobody could administer the directory. */
export class LastAdministrator extends HttpError {
  override readonly name = 'LastAdministrator';
  readonly status = 409;
  readonly title = 'This is the last administrator';

  constructor() {
    super('Make another person administrator first: this one is the last who can sign in.');
  }
}

/** 409: there are as many people as PEOPLE_LIMIT allows. */
export class TooManyPeople extends HttpError {
  override readonly name = 'TooManyPeople';
  readonly status = 409;
  readonly title = 'There are too many people';

  constructor(limit: number) {
    super(`There are ${limit} people already; PEOPLE_LIMIT sets the limit.`);
  }
}
