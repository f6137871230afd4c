/** Starts a provider of OpenID Connect for tests (oidc-provider), and signs in there as a browser does. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import Provider from 'oidc-provider';

/** The credentials of the directory at the provider. */
export const client = { id: 'cadastro', secret: 'a secret of the client, long enough' };

export interface TestProvider {
  readonly issuer: string;
  /** The claims of each account, by its subject. Its subject is the login, and every password is right. */
  readonly accounts: Map<string, Record<string, unknown>>;
  /** Answers no request from now on. */
  stop(): Promise<void>;
}

/**
 * @param redirectUri of the directory
 * @param claimsInToken whether ID tokens have all claims, or the answer about the user alone does
 */
export async function startProvider(
  t: { after(stop: () => unknown): void },
  { redirectUri, claimsInToken = true }: { redirectUri: string; claimsInToken?: boolean },
): Promise<TestProvider> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const accounts = new Map<string, Record<string, unknown>>();
  const provider: Provider = silently(
    () =>
      new Provider(issuer, {
        clients: [{ client_id: client.id, client_secret: client.secret, redirect_uris: [redirectUri] }],
        // Without these the provider prints a notice for each default.
        ttl: { Interaction: 600, Grant: 600, Session: 600, AccessToken: 600, IdToken: 600 },
        claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'role'] },
        conformIdTokenClaims: !claimsInToken,
        findAccount: (_context, sub) => ({ accountId: sub, claims: () => ({ sub, ...accounts.get(sub) }) }),
        // The directory is no third party whose rights a person must confirm.
        async loadExistingGrant({ oidc }) {
          const grant = new provider.Grant({ clientId: oidc.client?.clientId, accountId: oidc.session?.accountId });
          grant.addOIDCScope('openid profile email');
          await grant.save();
          return grant;
        },
        cookies: { keys: ['key of a test'] },
      }),
  );
  server.on('request', provider.callback());
  const stop = async () => {
    if (!server.listening) return;
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  t.after(stop);
  return { issuer, accounts, stop };
}

/** The provider warns of everything that only a test may do, while it is made. */
function silently<T>(make: () => T): T {
  const { warn } = console;
  console.warn = () => {};
  try {
    return make();
  } finally {
    console.warn = warn;
  }
}

/**
 * Goes to the page of the provider, signs in, and follows the provider until it sends the browser back.
 * @param url of the begun sign-in
 * @param login subject of the account
 * @returns the address of the directory to which the browser is sent, with its query
 */
export async function signInAtProvider(url: string, login: string): Promise<URL> {
  const { origin } = new URL(url);
  const cookies = new Map<string, string>();
  let next = new URL(url);
  let form: string | undefined;
  for (let hops = 0; hops < 10; hops++) {
    const response = await fetch(next, {
      method: form === undefined ? 'GET' : 'POST',
      redirect: 'manual',
      headers: {
        cookie: [...cookies].map((pair) => pair.join('=')).join('; '),
        ...(form !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
      },
      ...(form !== undefined && { body: form }),
    });
    form = undefined;
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      cookies.set(name, value);
    }
    const text = await response.text();
    const location = response.headers.get('location');
    if (location !== null) next = new URL(location, next);
    else if (response.ok && text.includes('name="login"')) {
      form = new URLSearchParams({ prompt: 'login', login, password: 'any' }).toString();
      next = new URL(/action="([^"]+)"/.exec(text)?.[1] ?? '', next);
    } else throw new Error(`The provider answers ${response.status}: ${text.slice(0, 2000)}`);
    if (next.origin !== origin) return next;
  }
  throw new Error('The provider redirects without an end');
}
