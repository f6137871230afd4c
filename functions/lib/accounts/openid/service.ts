/** The provider of OpenID Connect of this function process. */
import { config } from '../../services.ts';
import { OpenIdOff } from './openid-errors.ts';
import { OpenIdProvider } from './provider.ts';

const configured = config.openId && { ...config.openId, provider: new OpenIdProvider(config.openId) };

/** @throws {OpenIdOff} where no provider is configured */
export function openId(): { readonly provider: OpenIdProvider; readonly roleClaim: string } {
  if (configured === undefined) throw new OpenIdOff();
  return configured;
}
