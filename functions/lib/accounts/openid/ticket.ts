/**
 * The ticket of a sign-in that has begun: what only the browser that began it may know. The browser keeps it until the provider
 * sends it back, so no router has to remember anything, and any router can finish the sign-in.
 *
 * A ticket is encrypted, because its owner must not choose its contents. The key comes from the client secret, which all routers
 * have.
 */
import { hkdfSync } from 'node:crypto';
import { EncryptJWT, jwtDecrypt } from 'jose';
import { OpenIdFailed } from './openid-errors.ts';

/** How long a person has to sign in at the provider. */
export const ticketSeconds = 600;

/** The values that the provider's answer must fit. */
export interface Ticket {
  readonly state: string;
  readonly nonce: string;
  /** Of PKCE. */
  readonly codeVerifier: string;
}

/** Seals and opens tickets. */
export class Tickets {
  readonly #key: Uint8Array;
  readonly #audience: string;

  /** @param clientSecret of this program at the provider @param audience to which the tickets belong: issuer and client */
  constructor(clientSecret: string, audience: string) {
    this.#key = new Uint8Array(hkdfSync('sha256', clientSecret, '', 'cadastro openid ticket', 32));
    this.#audience = audience;
  }

  /** @returns a text without the ticket's values in it */
  seal(ticket: Ticket): Promise<string> {
    return new EncryptJWT({ ...ticket })
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
      .setAudience(this.#audience)
      .setExpirationTime(`${ticketSeconds} s`)
      .encrypt(this.#key);
  }

  /** @throws {OpenIdFailed} for a text that `seal` did not make, or that has expired */
  async open(text: string): Promise<Ticket> {
    try {
      const { payload } = await jwtDecrypt<Ticket>(text, this.#key, {
        ...{ audience: this.#audience, requiredClaims: ['exp'] },
        ...{ keyManagementAlgorithms: ['dir'], contentEncryptionAlgorithms: ['A256GCM'] },
      });
      return payload;
    } catch (error) {
      throw new OpenIdFailed(error);
    }
  }
}
