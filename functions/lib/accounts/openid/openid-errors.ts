/** Errors of signing in by OpenID Connect. */
import { HttpError } from '../../errors.ts';
import { signInFailures } from '../account-errors.ts';

/** 404: no provider is configured. */
export class OpenIdOff extends HttpError {
  override readonly name = 'OpenIdOff';
  readonly status = 404;
  readonly title = 'OpenID Connect is off';

  constructor() {
    super('No provider is configured: set OIDC_ISSUER.');
  }
}

/** 401: the provider's answer does not belong to a sign-in that this browser began a short time ago, or says that it failed. */
export class OpenIdFailed extends HttpError {
  override readonly name = 'OpenIdFailed';
  readonly status = 401;
  readonly title = 'The sign-in has failed';
  override readonly counted = signInFailures;

  constructor(cause?: unknown) {
    super('The answer of the provider is not valid for this sign-in. Begin again.', {
      headers: { 'www-authenticate': 'Bearer realm="cadastro"' },
      cause,
    });
  }
}

/** 403: the provider knows the account, and gives it no role here. */
export class NoRole extends HttpError {
  override readonly name = 'NoRole';
  readonly status = 403;
  readonly title = 'The account has no role here';
  override readonly counted = signInFailures;

  /** @param claim in which the role is missing */
  constructor(claim: string) {
    super(`The provider names none of the roles reader, editor and administrator in the claim ${claim}.`);
  }
}

/** 403: an administrator has disabled the account. */
export class AccountDisabled extends HttpError {
  override readonly name = 'AccountDisabled';
  readonly status = 403;
  readonly title = 'The account is disabled';
  override readonly counted = signInFailures;

  constructor() {
    super('An administrator has disabled this account.');
  }
}

/** 503: the provider does not answer, or refuses this program. */
export class ProviderUnavailable extends HttpError {
  override readonly name = 'ProviderUnavailable';
  readonly status = 503;
  readonly title = 'The provider does not answer';

  constructor(cause?: unknown) {
    super('The provider of OpenID Connect does not answer as it should. Try again later.', {
      headers: { 'retry-after': '5' },
      cause,
    });
  }
}
