/** Refuses a request for which the authorizer found no caller. */
import { DatabaseUnavailable, HttpError } from '../errors.ts';
import { counter } from '../metrics.ts';

const refusedCredentials = counter('RefusedCredentials');

/** Why there is no caller: no credential, one that is wrong, expired or revoked, or a database that can't be asked. */
export type Refusal = 'missing' | 'invalid' | 'unavailable';

/** 401: the request has no valid credential. @see https://www.rfc-editor.org/rfc/rfc6750#section-3 */
export class Unauthorized extends HttpError {
  override readonly name = 'Unauthorized';
  readonly status = 401;
  readonly title = 'The request has no valid credential';
  override readonly counted = refusedCredentials;

  /** @param isInvalid whether the request has a credential that is not valid */
  constructor(isInvalid: boolean) {
    const detail = isInvalid
      ? 'The key or token is wrong, has expired, or was revoked.'
      : 'Send a key or token as "Authorization: Bearer …" or "x-api-key: …".';
    const challenge = `Bearer realm="cadastro"${isInvalid ? ', error="invalid_token"' : ''}`;
    super(detail, { headers: { 'www-authenticate': challenge } });
  }
}

interface AuthorizedEvent {
  readonly requestContext?: { readonly authorizer?: { readonly lambda?: { readonly refusal?: unknown } | null } };
}

/**
 * @param event whose authorizer, if there is one, has answered
 * @throws {Unauthorized} when the authorizer says so
 * @throws {DatabaseUnavailable} when the authorizer could not ask the database
 */
export function requireNoRefusal(event: object): void {
  const refusal = (event as AuthorizedEvent).requestContext?.authorizer?.lambda?.refusal;
  if (refusal === undefined) return;
  if (refusal === 'unavailable') throw new DatabaseUnavailable();
  throw new Unauthorized(refusal !== 'missing');
}
