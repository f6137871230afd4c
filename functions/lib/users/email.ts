/**
 * The form of e-mail addresses, and the key by which they are compared. The functions are pure, so the site uses them too.
 * @see infra/docs/decisions/031-names-and-addresses.md
 */
import { foldCase, removeInvisible } from '../text.ts';

/** A fault of an address, by its stable code. */
export type EmailFault = 'email' | 'localPart' | 'domain';

/** @see https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.1 */
export const maxLocalPartBytes = 64;
/** @see https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4 */
const maxDomainCharacters = 253;

/**
 * The characters of the HTML standard and those of RFC 6531, except for spaces and for characters without a glyph. The
 * joiners belong to letters of Persian and of the scripts of India.
 */
const localPartForm = /^(?:[\w.!#$%&'*+/=?^`{|}~-]|[^\p{ASCII}\p{Z}\p{Cc}\p{Cf}\p{Cs}\p{Co}]|[\u200c\u200d])+$/u;
/** The characters that a domain may have before the conversion to ASCII. Others, such as %, mean something in a URL. */
const domainCharacters = /^(?:[a-z0-9.-]|[^\p{ASCII}\p{Z}\p{Cc}\p{Cs}\p{Co}])+$/iu;
/** The domain of the HTML standard. */
const domainForm = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/;

/**
 * Checks an address by the rule of `<input type=email>`, widened by local parts and domains of any script.
 * @see https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address
 * @see https://www.rfc-editor.org/rfc/rfc6531
 */
export function emailFormFault(email: string): EmailFault | undefined {
  const { localPart, domain } = split(email);
  // Compatibility characters, such as the full-width @, must not hide a character that the form excludes.
  if (domain === '' || !localPartForm.test(localPart.normalize('NFKC'))) return 'email';
  if (new TextEncoder().encode(localPart).length > maxLocalPartBytes) return 'localPart';
  return toAscii(domain) === undefined ? 'domain' : undefined;
}

/** @returns a text that is equal for all spellings of one address: the local part in one case, the domain in ASCII */
export function emailKey(email: string): string {
  const { localPart, domain } = split(email);
  return `${foldCase(localPart)}@${toAscii(removeInvisible(domain)) ?? foldCase(domain)}`;
}

function split(email: string): { localPart: string; domain: string } {
  const at = email.lastIndexOf('@');
  return { localPart: email.slice(0, Math.max(at, 0)), domain: email.slice(at + 1) };
}

/**
 * Converts a domain as IDNA 2008 does (UTS #46, non-transitional): `bücher.example` is `xn--bcher-kva.example`, and
 * `straße.example` is another domain than `strasse.example`. Node.js and browsers carry the tables for it in their URL parser.
 * @returns undefined when it is not a valid domain
 */
function toAscii(domain: string): string | undefined {
  if (!domainCharacters.test(domain)) return undefined;
  const ascii = /\P{ASCII}|(?:^|\.)xn--/iu.test(domain) ? hostOf(domain) : domain.toLowerCase();
  return ascii !== undefined && ascii.length <= maxDomainCharacters && domainForm.test(ascii) ? ascii : undefined;
}

function hostOf(domain: string): string | undefined {
  // The last label keeps the parser from reading a domain of numbers as an IPv4 address.
  const suffix = '.example';
  try {
    return new URL(`http://${domain}${suffix}`).hostname.slice(0, -suffix.length);
  } catch {
    return undefined;
  }
}
