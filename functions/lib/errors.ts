/**
 * Errors that every resource shares. Each has a literal name that survives minification and never changes: clients get it
 * as the problem's type, and alarms match it.
 */

import { counter, type EventCounter } from './metrics.ts';

const databaseErrors = counter('DatabaseErrors');
const databaseBusy = counter('DatabaseBusy');

/**
 * A setting is wrong, or a file that it names can't be used. The message is one line that names the setting and says what
 * to do. The router recognizes the error by its name, because the error reaches it from another process as JSON.
 */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

/** The fault of one field, parameter or header of a request. */
export interface FieldFault {
  readonly field: string;
  /** Stable, such as `tooLong`: a client translates it. Faults that only programs make have none. */
  readonly code?: string;
  /** Continues a sentence that begins with the field's name, such as `must not be empty`. */
  readonly message: string;
}

/** A request can have as many faults as fields, and names of fields as long as its body. */
const maxFaults = 20;
const maxFieldCharacters = 100;

function shorten(field: string): string {
  return field.length <= maxFieldCharacters ? field : `${field.slice(0, maxFieldCharacters).toWellFormed()}…`;
}

interface HttpErrorOptions {
  readonly errors?: readonly FieldFault[];
  /** Headers of the response, their names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** A failure with a status of its own. The client gets status, title and message unchanged. */
export abstract class HttpError extends Error {
  /** The HTTP status. */
  abstract readonly status: number;
  /** Names the kind of failure; the same for every request. */
  abstract readonly title: string;
  /** The metric that counts responses with this error; undefined for errors that no operator needs to know of. */
  readonly counted?: EventCounter;
  readonly errors: readonly FieldFault[];
  readonly headers: Readonly<Record<string, string>>;

  /** @param detail what is wrong with this request; becomes the message */
  constructor(detail: string, { errors = [], headers = {}, cause }: HttpErrorOptions = {}) {
    super(detail, { cause });
    this.errors = errors;
    this.headers = headers;
  }
}

/** 400: fields or parameters are wrong. */
export class InvalidRequest extends HttpError {
  override readonly name = 'InvalidRequest';
  readonly status = 400;
  readonly title = 'The request is not valid';

  /** @param faults one for each wrong field; the client gets the first 20, with names of at most 100 characters */
  constructor(faults: readonly FieldFault[]) {
    const errors = faults.slice(0, maxFaults).map(({ field, ...fault }) => ({ field: shorten(field), ...fault }));
    const sentences = errors.map(({ field, message }) => `${field} ${message}`);
    if (faults.length > maxFaults) sentences.push(`and ${faults.length - maxFaults} more faults`);
    super(sentences.join('; '), { errors });
  }
}

/** 400: the body is not JSON. */
export class MalformedBody extends HttpError {
  override readonly name = 'MalformedBody';
  readonly status = 400;
  readonly title = 'The body is not valid JSON';
}

/** 400: the body has too many members, or too many objects and lists inside each other. */
export class BodyTooComplex extends HttpError {
  override readonly name = 'BodyTooComplex';
  readonly status = 400;
  readonly title = 'The body is too complex';
}

/** 404: the function has no route for the path. */
export class RouteNotFound extends HttpError {
  override readonly name = 'RouteNotFound';
  readonly status = 404;
  readonly title = 'Not found';
}

/** 405: the function has a route for the path, but not for the method. */
export class MethodNotAllowed extends HttpError {
  override readonly name = 'MethodNotAllowed';
  readonly status = 405;
  readonly title = 'Method not allowed';
}

/** 412: If-Match or If-None-Match refuses the current version. @see https://www.rfc-editor.org/rfc/rfc9110#section-13.1 */
export class PreconditionFailed extends HttpError {
  override readonly name = 'PreconditionFailed';
  readonly status = 412;
  readonly title = 'A condition of the request is not met';

  /** @param etag the current entity tag */
  constructor(etag: string) {
    super(`If-Match or If-None-Match refuses the current version, which is ${etag}.`, { headers: { etag } });
  }
}

/** 413: the body has more bytes than a function accepts. */
export class BodyTooLarge extends HttpError {
  override readonly name = 'BodyTooLarge';
  readonly status = 413;
  readonly title = 'The body is too large';
}

/** 414: the query string has more characters than a function accepts. */
export class QueryTooLong extends HttpError {
  override readonly name = 'QueryTooLong';
  readonly status = 414;
  readonly title = 'The query string is too long';
}

/** 415: the body has a content type that the function does not read. */
export class UnsupportedContentType extends HttpError {
  override readonly name = 'UnsupportedContentType';
  readonly status = 415;
  readonly title = 'Unsupported content type';
}

/** 422: the client has used the Idempotency-Key before, with another body. */
export class IdempotencyKeyReused extends HttpError {
  override readonly name = 'IdempotencyKeyReused';
  readonly status = 422;
  readonly title = 'The Idempotency-Key was used with another body';

  constructor() {
    const message = 'was used with another body within the last 24 hours';
    super(`Idempotency-Key ${message}.`, { errors: [{ field: 'Idempotency-Key', message }] });
  }
}

/** 503: the database can't be opened, or stays locked for longer than a request may wait. */
export class DatabaseUnavailable extends HttpError {
  override readonly name = 'DatabaseUnavailable';
  readonly status = 503;
  readonly title = 'The database is not available';
  override readonly counted = databaseErrors;

  constructor(options?: { cause?: unknown }) {
    super('The database did not answer; try again.', { headers: { 'retry-after': '1' }, ...options });
  }
}

/** 503: reads before this one have kept the database busy for too long. */
export class DatabaseBusy extends HttpError {
  override readonly name = 'DatabaseBusy';
  readonly status = 503;
  readonly title = 'The database is busy';
  override readonly counted = databaseBusy;

  constructor() {
    super('Other reads keep the database busy; try again.', { headers: { 'retry-after': '1' } });
  }
}

/** 503: the connection was lost while a write committed, and the database could not be asked for the outcome. */
export class WriteOutcomeUnknown extends HttpError {
  override readonly name = 'WriteOutcomeUnknown';
  readonly status = 503;
  readonly title = 'It is not known whether the write happened';
  override readonly counted = databaseErrors;

  constructor(options?: { cause?: unknown }) {
    super(
      'The connection to the database was lost while the write committed. Read the data before you try again, or repeat the ' +
        'request with the same Idempotency-Key if it had one.',
      { headers: { 'retry-after': '5' }, ...options },
    );
  }
}

/** 503: the database file is missing, or is another one than this process has open. */
export class DatabaseFileLost extends HttpError {
  override readonly name = 'DatabaseFileLost';
  readonly status = 503;
  readonly title = 'The database file is missing or was replaced';
  override readonly counted = databaseErrors;

  constructor() {
    super(
      'The API cannot find the database file that it opened at its start, or the -wal or -shm file beside it, so a write ' +
        'would be lost. Move the files back; or stop the API, restore a backup if they are gone, and start the API again.',
      { headers: { 'retry-after': '30' } },
    );
  }
}

/** 503: the directory has moved to another database, or a move into this one has not ended. */
export class DirectoryMoved extends HttpError {
  override readonly name = 'DirectoryMoved';
  readonly status = 503;
  readonly title = 'The directory has moved';

  constructor() {
    super('The directory moves, or has moved, to another database, so nothing was written. Try again in a moment.', {
      headers: { 'retry-after': '5' },
    });
  }
}

/** 503: the database has another schema version than this program. */
export class SchemaMismatch extends HttpError {
  override readonly name = 'SchemaMismatch';
  readonly status = 503;
  readonly title = 'The database has another schema version';
  /** The version of the database. */
  readonly found: number;

  /**
   * @param found the database's version
   * @param known the version of this program
   */
  constructor(found: number, known: number) {
    const remedy = found < known ? 'invoke the function "migrate"' : 'update this program';
    super(`The database has schema version ${found}, and this program needs ${known}: ${remedy}, then try again.`, {
      headers: { 'retry-after': '1' },
    });
    this.found = found;
  }
}
