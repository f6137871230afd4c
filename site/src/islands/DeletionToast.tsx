/** The message about a deletion at the foot of the window. */
import type { Messages } from '../i18n/index.ts';
import { fill, plural } from '../i18n/text.ts';
import type { Deletion } from './use-deletion.ts';

interface Props {
  locale: string;
  deletion: Deletion;
  t: Messages['remove'];
}

/** Offers to undo a pending deletion, then reports its outcome. */
export function DeletionToast({ locale, deletion, t }: Props) {
  const { users, outcome, undo, dismiss } = deletion;
  return (
    <div class="toasts" role="status">
      {users.length > 0 && (
        <p class="toast">
          <bdi class="toast-text">
            {users.length === 1
              ? fill(t.waitingOne, { name: users[0]?.name ?? '' })
              : plural(locale, t.waiting, users.length)}
          </bdi>
          <button type="button" class="button" onClick={undo}>
            {t.undo}
          </button>
          <span class="countdown" aria-hidden="true" />
        </p>
      )}
      {outcome && users.length === 0 && (
        <p class="toast">
          <span>{resultText(outcome, locale, t)}</span>
          <button type="button" class="close" aria-label="×" onClick={dismiss}>
            ×
          </button>
        </p>
      )}
    </div>
  );
}

function resultText(outcome: NonNullable<Deletion['outcome']>, locale: string, t: Messages['remove']): string {
  if (outcome === 'undone') return t.undone;
  return (['done', 'stale', 'failed'] as const)
    .filter((kind) => outcome[kind] > 0)
    .map((kind) => plural(locale, t[kind], outcome[kind]))
    .join(' ');
}
