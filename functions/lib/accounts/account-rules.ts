/** The settings of accounts, in the units in which the code needs them. */

import type { SessionRules } from './sessions.ts';
import type { PauseRules } from './sign-in-failures.ts';

export interface AccountRules {
  readonly sessions: SessionRules;
  readonly pauses: PauseRules;
  /** How long an invitation, or a link for a new password, is valid. */
  readonly linkMs: number;
  /** How many people there may be. */
  readonly peopleLimit: number;
  /** The address of the site, without a slash at the end; undefined where it is not set. */
  readonly publicUrl: string | undefined;
}

/** The issuer whose JWTs are taken as credentials. */
export interface TokenIssuer {
  /** Its /.well-known/openid-configuration names the keys. */
  readonly url: string;
  readonly audience: string;
  /** The claim that has the role, or a list with it. */
  readonly roleClaim: string;
}

/** The provider of OpenID Connect by which people sign in. */
export interface OpenIdRules {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** The claim that has the role, or a list with it. */
  readonly roleClaim: string;
  /** The page of the site to which the provider sends people back. */
  readonly redirectUri: string;
}
