/** A visitor of the site without a browser, for requests that no browser sends. */

/** A response of the site. */
export interface SiteResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The Cookie header with the session that the response begins; undefined if it begins none. */
  readonly session: string | undefined;
}

/** The parts of a request. */
export interface Visit {
  /** The Cookie header. */
  cookie?: string | undefined;
  headers?: Record<string, string>;
  /** The fields of a form, which makes the request a POST. */
  form?: Record<string, string>;
}

/** @returns a function that asks a site, and follows no redirect */
export function visitorOf(site: string): (path: string, visit?: Visit) => Promise<SiteResponse> {
  return async (path, { cookie, headers = {}, form } = {}) => {
    const response = await fetch(site + path, {
      method: form ? 'POST' : 'GET',
      headers: { accept: 'text/html', ...(cookie && { cookie }), ...headers },
      ...(form && { body: new URLSearchParams(form) }),
      redirect: 'manual',
    });
    const [, session] =
      /((?:__Host-)?cadastro-session=cads_[^;]+)/.exec(response.headers.get('set-cookie') ?? '') ?? [];
    return { status: response.status, headers: response.headers, text: await response.text(), session };
  };
}
