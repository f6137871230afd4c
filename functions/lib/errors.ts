/**
 * Every failure that has a name. Names are literals, so that they survive minification, and never change:
 * clients and alarms rely on them.
 */

/** A setting is wrong or a file can't be opened; the message is one line that names it and says what to do. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

/** What is wrong with one field or parameter of a request. */
export interface FieldFault {
  readonly field: string;
  readonly message: string;
}

interface HttpErrorOptions {
  /** Each field's fault, where fields are at fault. */
  readonly errors?: readonly FieldFault[];
  /** Headers that the answer carries, in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A failure that the client is told about: status, title and detail reach it as they are. */
export abstract class HttpError extends Error {
  abstract readonly status: number;
  abstract readonly title: string;
  readonly errors: readonly FieldFault[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(detail: string, { errors = [], headers = {} }: HttpErrorOptions = {}) {
    super(detail);
    this.errors = errors;
    this.headers = headers;
  }
}

/** 400: fields or parameters are wrong; each is named. */
export class InvalidRequest extends HttpError {
  override readonly name = 'InvalidRequest';
  readonly status = 400;
  readonly title = 'The request is not valid';

  constructor(errors: readonly FieldFault[]) {
    super(errors.map(({ field, message }) => `${field} ${message}`).join('; '), { errors });
  }
}

/** 400: the body is not JSON at all. */
export class MalformedBody extends HttpError {
  override readonly name = 'MalformedBody';
  readonly status = 400;
  readonly title = 'The body is not valid JSON';
}

/** 404: no such route in this function. */
export class RouteNotFound extends HttpError {
  override readonly name = 'RouteNotFound';
  readonly status = 404;
  readonly title = 'Not found';
}

/** 404 */
export class UserNotFound extends HttpError {
  override readonly name = 'UserNotFound';
  readonly status = 404;
  readonly title = 'No such user';

  constructor(id: number) {
    super(`There is no user ${id}.`);
  }
}

/** 405 */
export class MethodNotAllowed extends HttpError {
  override readonly name = 'MethodNotAllowed';
  readonly status = 405;
  readonly title = 'Method not allowed';
}

/** 409: another user has this e-mail, perhaps in another case. */
export class EmailTaken extends HttpError {
  override readonly name = 'EmailTaken';
  readonly status = 409;
  readonly title = 'The e-mail is taken';

  constructor() {
    super('Another user has this e-mail.', { errors: [{ field: 'email', message: 'is taken by another user' }] });
  }
}

/** 412: If-Match names another version than the current one. */
export class PreconditionFailed extends HttpError {
  override readonly name = 'PreconditionFailed';
  readonly status = 412;
  readonly title = 'The user has changed';

  constructor(etag: string) {
    super(`If-Match does not name the current version, which is ${etag}.`, { headers: { etag } });
  }
}

/** 413 */
export class BodyTooLarge extends HttpError {
  override readonly name = 'BodyTooLarge';
  readonly status = 413;
  readonly title = 'The body is too large';
}

/** 414 */
export class QueryTooLong extends HttpError {
  override readonly name = 'QueryTooLong';
  readonly status = 414;
  readonly title = 'The query string is too long';
}

/** 415 */
export class UnsupportedContentType extends HttpError {
  override readonly name = 'UnsupportedContentType';
  readonly status = 415;
  readonly title = 'Unsupported content type';
}

/** 422: the Idempotency-Key was used before, with another body. */
export class IdempotencyKeyReused extends HttpError {
  override readonly name = 'IdempotencyKeyReused';
  readonly status = 422;
  readonly title = 'The Idempotency-Key was used with another body';

  constructor() {
    const message = 'was used with another body within the last 24 hours';
    super(`Idempotency-Key ${message}.`, { errors: [{ field: 'Idempotency-Key', message }] });
  }
}

/** 503: the database can't be reached, or is locked for longer than a request may wait. */
export class DatabaseUnavailable extends HttpError {
  override readonly name = 'DatabaseUnavailable';
  readonly status = 503;
  readonly title = 'The database is not available';

  constructor(options?: { cause?: unknown }) {
    super('The database did not answer; try again.', { headers: { 'retry-after': '1' } });
    this.cause = options?.cause;
  }
}
