/** The rows of the list, as HTML. */
import type { Messages } from '../i18n/index.ts';
import { fill, formatDate, formatNumber } from '../i18n/text.ts';
import type { User } from './api-types.ts';
import { html } from './html.ts';

export interface RowOptions {
  t: Messages;
  timeZone: string | undefined;
  /** Where a user's page is, without its number. */
  base: string;
}

/** The rows of a list that was rendered before and has not changed since. */
const rendered = new WeakMap<User[], Map<string, string>>();

export function userRows(users: User[], options: RowOptions): string {
  const known = rendered.get(users) ?? new Map<string, string>();
  const key = `${options.t.locale} ${options.timeZone}`;
  const rows = known.get(key) ?? render(users, options);
  rendered.set(users, known.set(key, rows));
  return rows;
}

function render(users: User[], { t, timeZone, base }: RowOptions): string {
  return users
    .map(
      ({ id, name, email, createdAt, version }) => html`<tr role="row" data-id="${id}" data-version="${version}">
<td role="cell" class="select"><label class="tick"><input type="checkbox" name="id" value="${id}" form="selection" aria-label="${fill(t.list.selectOne, { name })}"></label></td>
<td role="cell" class="id">${formatNumber(t.locale, id)}</td>
<td role="cell" class="name"><a href="${base}${id}"><bdi>${name}</bdi></a></td>
<td role="cell" class="email"><bdi>${email}</bdi></td>
<td role="cell" class="createdAt"><time datetime="${createdAt}">${formatDate(t.locale, createdAt, timeZone)}</time></td>
</tr>`,
    )
    .join('');
}
