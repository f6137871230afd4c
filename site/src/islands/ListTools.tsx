/** Everything that the list can do beyond links and forms. */
import { useEffect, useState } from 'preact/hooks';
import type { Messages } from '../i18n/index.ts';
import { fill, plural } from '../i18n/text.ts';
import { showLocalTimes } from '../lib/browser/local-times.ts';
import { show, shownEvent } from '../lib/browser/navigation.ts';
import type { DeletionTarget } from '../lib/browser/pending-deletion.ts';
import { ConfirmDialog } from './ConfirmDialog.tsx';
import { DeletionToast } from './DeletionToast.tsx';
import { useDeletion } from './use-deletion.ts';
import { useListNavigation } from './use-list-navigation.ts';
import { useLiveList } from './use-live-list.ts';
import { useSelection } from './use-selection.ts';

interface Props {
  locale: string;
  t: {
    list: Pick<Messages['list'], 'deleteSelected' | 'selected' | 'unselect'>;
    live: Messages['live'];
    remove: Messages['remove'];
  };
}

export default function ListTools({ locale, t }: Props) {
  useListNavigation();
  const connected = useLiveList();
  const selection = useSelection();
  const deletion = useDeletion(() => show(location.href, 'refresh'));
  const [asked, setAsked] = useState<DeletionTarget[]>([]);
  // Before it is hydrated, and without JavaScript, the button submits the ticked boxes to the page that asks.
  const [hydrated, setHydrated] = useState(false);
  const count = selection.users.length;

  useEffect(showLocalTimes, []);
  useEffect(() => setHydrated(true), []);
  useEffect(() => {
    const paint = () => {
      const doomed = new Set(deletion.users.map(({ id }) => String(id)));
      for (const row of document.querySelectorAll<HTMLElement>('#results [data-id]')) {
        row.classList.toggle('doomed', doomed.has(row.dataset.id ?? ''));
      }
    };
    paint();
    document.addEventListener(shownEvent, paint);
    return () => document.removeEventListener(shownEvent, paint);
  }, [deletion.users]);

  const ask = (event: Event) => {
    event.preventDefault();
    setAsked(selection.users);
  };
  const answer = (yes: boolean) => {
    setAsked([]);
    if (!yes) return;
    deletion.start(asked);
    selection.clear();
  };

  return (
    <>
      <span class="live" title={t.live.onTitle} data-on={connected}>
        {connected ? t.live.on : t.live.off}
      </span>
      {count > 0 && (
        <button type="button" class="button" onClick={selection.clear}>
          {t.list.unselect}
        </button>
      )}
      <button type="submit" class="button danger" form="selection" disabled={hydrated && count === 0} onClick={ask}>
        {t.list.deleteSelected}
        {count > 0 && <span class="number"> {count}</span>}
      </button>
      <ConfirmDialog
        open={asked.length > 0}
        question={
          asked.length === 1
            ? fill(t.remove.askOne, { name: asked[0]?.name ?? '' })
            : plural(locale, t.remove.ask, asked.length)
        }
        hint={t.remove.hint}
        names={asked.map(({ name }) => name)}
        yes={t.remove.yes}
        no={t.remove.no}
        answer={answer}
      />
      <DeletionToast locale={locale} deletion={deletion} t={t.remove} />
    </>
  );
}
