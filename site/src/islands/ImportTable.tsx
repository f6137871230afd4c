/** The table of an import's rows. */
import { useState } from 'preact/hooks';
import type { Messages } from '../i18n/index.ts';
import { fill, formatNumber, plural } from '../i18n/text.ts';
import type { Row } from '../lib/csv-import.ts';

interface Props {
  locale: string;
  rows: Row[];
  t: Pick<Messages, 'field' | 'form' | 'importing'>;
}

/** More rows would make the page slow. */
const maxShownRows = 200;

/** Shows each row with its state and its errors. Of a long file the bad rows come first, because not all rows are shown. */
export function ImportTable({ locale, rows, t }: Props) {
  const [onlyBad, setOnlyBad] = useState(false);
  const isBad = ({ state }: Row) => state === 'bad' || state === 'refused';
  const bad = rows.filter(isBad);
  const chosen = onlyBad ? bad : rows.length > maxShownRows ? [...bad, ...rows.filter((row) => !isBad(row))] : rows;
  const hidden = chosen.length - maxShownRows;

  return (
    <>
      {bad.length > 0 && (
        <label class="only-bad">
          <input type="checkbox" checked={onlyBad} onChange={(event) => setOnlyBad(event.currentTarget.checked)} />{' '}
          {t.importing.onlyBad}
        </label>
      )}
      <table class="rows">
        <thead>
          <tr>
            <th scope="col">{t.importing.row}</th>
            <th scope="col">{t.form.name}</th>
            <th scope="col">{t.form.email}</th>
            <th scope="col">{t.importing.state}</th>
          </tr>
        </thead>
        <tbody>
          {chosen.slice(0, maxShownRows).map((row) => (
            <tr key={row.line} class={row.state}>
              <td class="quiet">{formatNumber(locale, row.line)}</td>
              <td>
                <bdi>{row.name}</bdi>
                {row.nameFault && <p class="fault">{t.field[row.nameFault]}</p>}
              </td>
              <td>
                <bdi>{row.email}</bdi>
                {row.emailFault && <p class="fault">{t.field[row.emailFault]}</p>}
                {row.duplicateOf !== undefined && (
                  <p class="fault">{fill(t.importing.duplicate, { line: formatNumber(locale, row.duplicateOf) })}</p>
                )}
                {row.refusal && <p class="fault">{row.refusal}</p>}
              </td>
              <td>
                <span class="state" data-state={row.state}>
                  {t.importing.states[row.state]}
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {hidden > 0 && <p class="quiet">{plural(locale, t.importing.more, hidden)}</p>}
    </>
  );
}
