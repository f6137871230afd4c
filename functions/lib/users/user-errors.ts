/** Errors that only users have. */
import { HttpError } from '../errors.ts';

/** 404: no user has this id. */
export class UserNotFound extends HttpError {
  override readonly name = 'UserNotFound';
  readonly status = 404;
  readonly title = 'No such user';

  constructor(id: number) {
    super(`There is no user ${id}.`);
  }
}

/** 404: the bin has no user with this id. */
export class UserNotInBin extends HttpError {
  override readonly name = 'UserNotInBin';
  readonly status = 404;
  readonly title = 'No such deleted user';

  constructor(id: number) {
    super(`There is no user ${id} in the bin.`);
  }
}

/** 404: the history of a user does not have the change. */
export class UserChangeNotFound extends HttpError {
  override readonly name = 'UserChangeNotFound';
  readonly status = 404;
  readonly title = 'No such change';

  constructor(id: number, change: number) {
    super(`The history of the user ${id} has no change ${change}.`);
  }
}

/** 409: before the change there was no user. */
export class NoEarlierState extends HttpError {
  override readonly name = 'NoEarlierState';
  readonly status = 409;
  readonly title = 'There is no earlier state';

  constructor(change: number) {
    super(`Before the change ${change} the directory did not have the user; restore the state before a later change.`);
  }
}

/** 409: another user has the same e-mail, perhaps in another spelling. */
export class EmailTaken extends HttpError {
  override readonly name = 'EmailTaken';
  readonly status = 409;
  readonly title = 'The e-mail is taken';

  constructor() {
    super('Another user has this e-mail.', {
      errors: [{ field: 'email', code: 'taken', message: 'is taken by another user' }],
    });
  }
}
