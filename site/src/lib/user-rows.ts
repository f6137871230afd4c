/** Renders the rows of the list as HTML, on the site server. */
import type { Messages } from '../i18n/index.ts';
import { fill, formatDate, formatNumber } from '../i18n/text.ts';
import type { User } from './api-types.ts';
import { html } from './html.ts';

/** The reader's language and time zone, and the addresses of the users. */
export interface RowOptions {
  t: Messages;
  timeZone: string | undefined;
  /** The address of a user's page, without the id. */
  base: string;
}

/** @returns one table row for each user */
export function userRows(users: User[], { t, timeZone, base }: RowOptions): string {
  return users
    .map(
      ({ id, name, email, createdAt, version }) => html`<tr role="row" data-id="${id}" data-version="${version}">
<td role="cell" class="select"><label class="tick"><input type="checkbox" name="id" value="${id}" form="selection" aria-label="${fill(t.list.selectOne, { name })}"></label></td>
<td role="cell" class="id">${formatNumber(t.locale, id)}</td>
<td role="cell" class="name"><a href="${base}${id}"><bdi>${name}</bdi></a></td>
<td role="cell" class="email"><bdi>${email}</bdi><button type="button" class="copy" tabindex="-1" title="${t.form.copy}" aria-label="${t.form.copy}"></button></td>
<td role="cell" class="createdAt"><time datetime="${createdAt}">${formatDate(t.locale, createdAt, timeZone)}</time></td>
</tr>`,
    )
    .join('');
}
