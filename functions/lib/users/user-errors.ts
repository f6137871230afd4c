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
