/** The notice in a user's form that another reader has taken the e-mail, changed the user or deleted it. */
import type { Messages } from '../i18n/index.ts';
import { fill } from '../i18n/text.ts';
import type { User } from '../lib/api-types.ts';
import type { Values } from '../lib/merge-user.ts';
import type { SaveOutcome } from '../lib/save-user.ts';
import type { FieldName } from '../lib/user-fields.ts';
import type { LiveUser } from './use-live-user.ts';

interface Props {
  outcome: SaveOutcome | undefined;
  live: LiveUser;
  /** The values that the reader began with; undefined for a new user. */
  seen: Values | undefined;
  /** The values in the form. */
  values: Values;
  /** Path of a user's page without the id. */
  usersPath: string;
  t: Messages['conflict'];
  labels: Pick<Messages['form'], 'name' | 'email'>;
  /** Saves the reader's values over the current ones. */
  onKeepMine: (current: User) => void;
  /** Replaces the reader's values of these fields by the current ones. */
  onTakeTheirs: (current: User, fields: FieldName[]) => void;
  /** Saves the reader's values as a new user. */
  onCreateAgain: () => void;
}

/**
 * Explains the conflict and offers the choices. The choices are submit buttons and links, so that they work without
 * JavaScript too.
 */
export function Conflict({ outcome, live, seen, values, usersPath, t, labels, ...choose }: Props) {
  if (outcome?.kind === 'taken' && outcome.owner) {
    const { id, name } = outcome.owner;
    return (
      <p class="notice">
        <bdi>{fill(t.taken, { id, name })}</bdi> <a href={`${usersPath}${id}`}>{t.openTaken}</a>
      </p>
    );
  }
  if (outcome?.kind === 'gone' || live.change?.kind === 'gone') {
    return (
      <div class="notice bad" role="alert">
        <p>
          <strong>{t.gone}</strong> {t.goneHint}
        </p>
        <button
          type="submit"
          name="intent"
          value="create"
          class="button"
          onClick={withoutDefault(choose.onCreateAgain)}
        >
          {t.createAgain}
        </button>
      </div>
    );
  }
  if (live.change?.kind === 'adopted') {
    return (
      <p class="notice" role="status">
        {t.liveTaken[live.change.fields.length > 1 ? 'both' : (live.change.fields[0] ?? 'both')]}
      </p>
    );
  }
  const stale = outcome?.kind === 'stale';
  const conflict = stale ? outcome : live.change?.kind === 'changed' ? live.change : undefined;
  if (!conflict) return null;
  const { current, fields } = conflict;
  return (
    <div class="notice bad conflict" role="alert">
      <p>
        <strong>{stale ? t.stale : t.liveChange}</strong> {stale ? t.staleHint : t.liveHint}
      </p>
      <table>
        <thead>
          <tr>
            <th scope="col">{t.field}</th>
            <th scope="col">{t.before}</th>
            <th scope="col">{t.yours}</th>
            <th scope="col">{t.theirs}</th>
          </tr>
        </thead>
        <tbody>
          {fields.map((field) => (
            <tr key={field}>
              <th scope="row">{labels[field]}</th>
              <td class="quiet" data-label={t.before}>
                <bdi>{seen?.[field]}</bdi>
              </td>
              <td data-label={t.yours}>
                <bdi>{values[field]}</bdi>
              </td>
              <td data-label={t.theirs}>
                <bdi>{current[field]}</bdi>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="actions">
        <button type="submit" class="button" onClick={withoutDefault(() => choose.onKeepMine(current))}>
          {t.keepMine}
        </button>
        <a
          class="button"
          href={`${usersPath}${current.id}`}
          onClick={withoutDefault(() => choose.onTakeTheirs(current, fields))}
        >
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

/** Wraps a handler so that the browser neither submits the form nor follows the link. */
function withoutDefault(act: () => void): (event: Event) => void {
  return (event) => {
    event.preventDefault();
    act();
  };
}
