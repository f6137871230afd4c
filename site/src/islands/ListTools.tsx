/** The tools of the list in a browser with JavaScript: live updates, selection and deletion with undo. */
import { useEffect, useState } from 'preact/hooks';
import type { Messages } from '../i18n/index.ts';
import { fill, plural } from '../i18n/text.ts';
import { rememberList } from '../lib/browser/last-list.ts';
import { showLocalTimes } from '../lib/browser/local-times.ts';
import { listShownEvent, show } from '../lib/browser/navigation.ts';
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
    list: Pick<Messages['list'], 'deleteSelected' | 'unselect'>;
    live: Messages['live'];
    remove: Messages['remove'];
  };
}

/** Shows the live indicator and the buttons of the selection, and takes over the list's links and forms. */
export default function ListTools({ locale, t }: Props) {
  useListNavigation();
  const connected = useLiveList();
  const selection = useSelection();
  const deletion = useDeletion(() => show(location.href, 'refresh'));
  const [toConfirm, setToConfirm] = useState<DeletionTarget[]>([]);
  // Until hydration, and without JavaScript, the button submits the checked boxes to the page that asks for confirmation.
  const [hydrated, setHydrated] = useState(false);
  const count = selection.users.length;

  useEffect(showLocalTimes, []);
  useEffect(() => {
    rememberList();
    document.addEventListener(listShownEvent, rememberList);
    return () => document.removeEventListener(listShownEvent, rememberList);
  }, []);
  useEffect(() => setHydrated(true), []);
  useEffect(() => {
    const markRows = () => {
      const ids = new Set(deletion.users.map(({ id }) => String(id)));
      for (const row of document.querySelectorAll<HTMLElement>('#results [data-id]')) {
        row.classList.toggle('deleting', ids.has(row.dataset.id ?? ''));
      }
    };
    markRows();
    document.addEventListener(listShownEvent, markRows);
    return () => document.removeEventListener(listShownEvent, markRows);
  }, [deletion.users]);

  const ask = (event: Event) => {
    event.preventDefault();
    setToConfirm(selection.users);
  };
  const answer = (yes: boolean) => {
    setToConfirm([]);
    if (!yes) return;
    deletion.start(toConfirm);
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
        open={toConfirm.length > 0}
        question={
          toConfirm.length === 1
            ? fill(t.remove.askOne, { name: toConfirm[0]?.name ?? '' })
            : plural(locale, t.remove.ask, toConfirm.length)
        }
        hint={t.remove.hint}
        names={toConfirm.map(({ name }) => name)}
        yes={t.remove.yes}
        no={t.remove.no}
        onAnswer={answer}
      />
      <DeletionToast locale={locale} deletion={deletion} t={t.remove} />
    </>
  );
}
