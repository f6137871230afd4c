/** The Lambda authorizer (format 2.0) of all routes where AUTH is on. */
import routes from 'virtual:guarded-routes';
import { Authenticator } from '#lib/accounts/authenticator.ts';
import { tokenVerifier } from '#lib/accounts/token-verifier.ts';
import { config, dataAccess } from '#lib/services.ts';
import { authorizerOf } from './decide.ts';

const { accounts, tokenIssuer } = config;
const authenticator = new Authenticator(dataAccess.database, accounts, tokenIssuer && tokenVerifier(tokenIssuer));

export const handler = authorizerOf(authenticator, routes);
