/** Explains that somebody else was faster, with what stands there now, and lets the reader choose. */
import type { Messages } from '../i18n/index.ts';
import { fill } from '../i18n/text.ts';
import type { User } from '../lib/api-types.ts';
import type { SaveOutcome, Values } from '../lib/save-user.ts';
import type { LiveUser } from './use-live-user.ts';

interface Props {
  outcome: SaveOutcome | undefined;
  live: LiveUser;
  values: Values;
  usersPath: string;
  t: Messages['conflict'];
  labels: Pick<Messages['form'], 'name' | 'email'>;
  keepMine: (version: number) => void;
  takeTheirs: (current: User) => void;
  createAgain: () => void;
}

export function Conflict({ outcome, live, values, usersPath, t, labels, ...choose }: Props) {
  if (outcome?.kind === 'taken' && outcome.owner) {
    const { id, name } = outcome.owner;
    return (
      <p class="notice">
        <bdi>{fill(t.taken, { id, name })}</bdi> <a href={`${usersPath}${id}`}>{t.openTaken}</a>
      </p>
    );
  }
  if (outcome?.kind === 'gone' || live.news?.kind === 'gone') {
    return (
      <div class="notice bad" role="alert">
        <p>
          <strong>{t.gone}</strong> {t.goneHint}
        </p>
        <button type="submit" name="intent" value="create" class="button" onClick={prevented(choose.createAgain)}>
          {t.createAgain}
        </button>
      </div>
    );
  }
  if (live.news?.kind === 'taken') {
    return (
      <p class="notice" role="status">
        {t.liveTaken}
      </p>
    );
  }
  const stale = outcome?.kind === 'stale';
  const current = stale ? outcome.current : live.news?.kind === 'changed' ? live.news.current : undefined;
  if (!current) return null;
  return (
    <div class="notice bad conflict" role="alert">
      <p>
        <strong>{stale ? t.stale : t.liveChange}</strong> {stale ? t.staleHint : t.liveHint}
      </p>
      <table>
        <thead>
          <tr>
            <th scope="col">{t.field}</th>
            <th scope="col">{t.yours}</th>
            <th scope="col">{t.theirs}</th>
          </tr>
        </thead>
        <tbody>
          {(['name', 'email'] as const).map((field) => (
            <tr key={field} class={values[field] === current[field] ? 'same' : 'different'}>
              <th scope="row">{labels[field]}</th>
              <td>
                <bdi>{values[field]}</bdi>
              </td>
              <td>
                <bdi>{current[field]}</bdi>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="actions">
        <button type="submit" class="button" onClick={prevented(() => choose.keepMine(current.version))}>
          {t.keepMine}
        </button>
        <a class="button" href={`${usersPath}${current.id}`} onClick={prevented(() => choose.takeTheirs(current))}>
          {t.takeTheirs}
        </a>
        {!stale && (
          <button type="button" class="button" onClick={live.dismiss}>
            {t.keepTyping}
          </button>
        )}
      </p>
    </div>
  );
}

function prevented(act: () => void): (event: Event) => void {
  return (event) => {
    event.preventDefault();
    act();
  };
}
