/** PUBLIC_URL: the address by which people reach the site. Router and site answer to its host name. */

/** The checked setting. */
export interface PublicAddress {
  /** Undefined where the setting is unset or wrong. */
  url: URL | undefined;
  /** A sentence that says why the setting can't be used; none if it can. */
  faults: string[];
}

/** @param text the value of the setting */
export function parsePublicUrl(text: string | undefined): PublicAddress {
  const value = text?.trim() ?? '';
  if (value === '') return { url: undefined, faults: [] };
  const url = URL.parse(value);
  if (url && /^https?:$/.test(url.protocol) && `${url.origin}/` === url.href) return { url, faults: [] };
  const faults = ['PUBLIC_URL is not an address without a path, such as https://users.example.com'];
  return { url: undefined, faults };
}
