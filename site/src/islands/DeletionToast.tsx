/** The message about a deletion at the foot of the window. */
import type { Messages } from '../i18n/index.ts';
import { fill, plural } from '../i18n/text.ts';
import type { DeletionResult, RestorationResult } from '../lib/delete-users.ts';
import type { Deletion } from './use-deletion.ts';

interface Props {
  locale: string;
  deletion: Deletion;
  t: Messages['remove'];
}

/**
 * Says what was deleted and offers to undo it. The message goes when its countdown ends, which waits while the pointer or the
 * focus is on the message (WCAG 2.2.1). The bin restores the users afterwards, too.
 */
export function DeletionToast({ locale, deletion, t }: Props) {
  const { progress, undoable, result, undo, dismiss } = deletion;
  const doneText =
    undoable &&
    (undoable.name !== undefined
      ? fill(t.doneOne, { name: undoable.name })
      : plural(locale, t.done, undoable.ids.length));
  const text = [doneText, result && resultText(result, locale, t)].filter(Boolean).join(' ');
  return (
    <div class="toasts" role="status">
      {progress !== undefined && (
        <p class="toast">{progress === 0 ? t.working : plural(locale, t.progress, progress)}</p>
      )}
      {progress === undefined && text !== '' && (
        <p class="toast" key={text}>
          <bdi class="toast-text">{text}</bdi>
          {undoable && (
            <button type="button" class="button" onClick={undo}>
              {t.undo}
            </button>
          )}
          <button type="button" class="close" aria-label={t.dismiss} title={t.dismiss} onClick={dismiss}>
            ×
          </button>
          <span class="countdown" aria-hidden="true" onAnimationEnd={dismiss} />
        </p>
      )}
    </div>
  );
}

function resultText(result: DeletionResult | RestorationResult, locale: string, t: Messages['remove']): string {
  const counts: [Messages['remove']['failed'], number][] =
    'stale' in result
      ? [
          [t.stale, result.stale.length],
          [t.failed, result.failed.length],
        ]
      : [
          [t.restored, result.done],
          [t.taken, result.taken.length],
          [t.notInBin, result.failed],
          [t.notRestored, result.unanswered],
        ];
  const texts = counts.filter(([, count]) => count > 0).map(([text, count]) => plural(locale, text, count));
  if ('stale' in result && Number.isNaN(result.left)) texts.push(t.interrupted);
  return texts.join(' ');
}
