/** The CSV import: the reader picks a file or pastes text, checks the rows and starts the import. */
import { useState } from 'preact/hooks';
import type { Messages } from '../i18n/index.ts';
import { fill, formatNumber, plural } from '../i18n/text.ts';
import { maxRows, type ParsedImport, parseImport } from '../lib/csv-import.ts';
import { ImportTable } from './ImportTable.tsx';
import { useImport } from './use-import.ts';

interface Props {
  locale: string;
  listPath: string;
  t: Pick<Messages, 'field' | 'form' | 'importing' | 'failure'>;
}

/** Shows the three phases of an import: choosing a file, progress, result. */
export default function Importer({ locale, listPath, t }: Props) {
  const [reading, setReading] = useState<ParsedImport>();
  const { rows, phase, waiting, load, start, stop } = useImport(t);
  const texts = t.importing;
  const count = (...states: string[]) => rows.filter(({ state }) => states.includes(state)).length;
  const [ready, bad, done, refused] = [count('ready'), count('bad'), count('done'), count('refused')];
  const settled = done + refused + count('stopped');
  const total = settled + ready + count('sending');

  const read = (text: string) => {
    if (text.trim() === '') return setReading(undefined);
    const result = parseImport(text);
    setReading(result);
    load(result.kind === 'rows' ? result.rows : []);
  };
  const pick = async (file: File | undefined) => {
    if (file) read(await file.text());
  };

  return (
    <div class="importer">
      {phase === 'idle' && (
        <div class="panel">
          <label for="file">{texts.choose}</label>
          <input
            id="file"
            type="file"
            accept=".csv,text/csv,text/plain"
            onChange={(event) => pick(event.currentTarget.files?.[0])}
          />
          <label for="text">{texts.paste}</label>
          <textarea
            id="text"
            rows={4}
            spellcheck={false}
            placeholder={'name,email\nAda Lovelace,ada@example.com'}
            onInput={(event) => read(event.currentTarget.value)}
          />
        </div>
      )}
      {reading && reading.kind !== 'rows' && (
        <p class="notice bad" role="alert">
          {reading.kind === 'unclosed' && `${texts.row} ${formatNumber(locale, reading.line)}: `}
          {fill(texts[reading.kind], { count: formatNumber(locale, maxRows) })}
        </p>
      )}
      {reading?.kind === 'rows' && (
        <>
          <div class="summary" role="status">
            {phase === 'idle' && (
              <p>
                <strong>{plural(locale, texts.good, ready)}</strong>
                {bad > 0 && (
                  <>
                    , <strong class="fault">{plural(locale, texts.bad, bad)}</strong>. {texts.skipped}
                  </>
                )}
              </p>
            )}
            {phase === 'finished' && (
              <p>
                <strong>{plural(locale, texts.result, done)}</strong>{' '}
                {refused > 0 && <strong class="fault">{plural(locale, texts.failed, refused)}</strong>}
              </p>
            )}
            {waiting && <p class="fault">{texts.waiting}</p>}
          </div>
          {phase !== 'idle' && (
            <p class="progress">
              <progress value={settled} max={Math.max(1, total)} aria-label={texts.title} />
              <span class="quiet">
                {fill(texts.progress, { done: formatNumber(locale, settled), total: formatNumber(locale, total) })}
              </span>
            </p>
          )}
          <p class="actions">
            {phase === 'idle' && (
              <button type="button" class="button primary" disabled={ready === 0} onClick={start}>
                {plural(locale, texts.start, ready)}
              </button>
            )}
            {phase === 'running' && (
              <button type="button" class="button" onClick={stop}>
                {texts.stop}
              </button>
            )}
            {phase === 'finished' && (
              <a class="button primary" href={`${listPath}?sort=-id`}>
                {t.form.back}
              </a>
            )}
            {phase === 'finished' && (
              <button
                type="button"
                class="button"
                onClick={() => {
                  setReading(undefined);
                  load([]);
                }}
              >
                {texts.again}
              </button>
            )}
          </p>
          <ImportTable locale={locale} rows={rows} t={t} />
        </>
      )}
    </div>
  );
}
