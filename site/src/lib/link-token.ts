/** The links by which a person chooses a password: their address, and the token in what a person pastes. */

const tokenForm = /cadl_[0-9a-f]{16}_[\w-]{43}(?![\w-])/;

/**
 * @param page the address of the page for links
 * @returns the address to pass on. Browsers send what follows `#` to no server, so that no log and no Referer header has it.
 */
export function linkTo(page: string, token: string): string {
  return `${page}#${token}`;
}

/** @returns the token in a link, or in a text that has one; undefined without a token */
export function tokenIn(text: string): string | undefined {
  return tokenForm.exec(text)?.[0];
}
