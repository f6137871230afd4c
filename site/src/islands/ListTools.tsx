/** The tools of the list in a browser with JavaScript: live updates, selection and deletion with undo. */
import { useEffect, useState } from 'preact/hooks';
import type { Messages } from '../i18n/index.ts';
import { fill, formatTotal, plural } from '../i18n/text.ts';
import { rememberList } from '../lib/browser/last-list.ts';
import { showLocalTimes } from '../lib/browser/local-times.ts';
import { listShownEvent, readListState, show } from '../lib/browser/navigation.ts';
import { ConfirmDialog } from './ConfirmDialog.tsx';
import { DeletionToast } from './DeletionToast.tsx';
import { type DeletionTarget, type MatchingUsers, useDeletion } from './use-deletion.ts';
import { useListNavigation } from './use-list-navigation.ts';
import { useLiveList } from './use-live-list.ts';
import { useSelection } from './use-selection.ts';

interface Props {
  locale: string;
  /** The address that exports the selection of a form. */
  exportPath: string;
  /** Whether the reader has the right to delete users. */
  mayDelete: boolean;
  t: {
    list: Pick<Messages['list'], 'deleteSelected' | 'exportSelected' | 'selectMatching' | 'unselect'>;
    live: Messages['live'];
    remove: Messages['remove'];
    moreThan: string;
  };
}

/** Shows the live indicator and the buttons of the selection, and takes over the list's links and forms. */
export default function ListTools({ locale, exportPath, mayDelete, t }: Props) {
  useListNavigation();
  const connected = useLiveList();
  const selection = useSelection();
  const deletion = useDeletion(() => show(location.href, 'refresh'));
  /** The users that the dialog asks about. */
  const [toConfirm, setToConfirm] = useState<DeletionTarget[] | MatchingUsers>([]);
  /** All users that the search finds, if the reader has selected more than this page. */
  const [matching, setMatching] = useState<MatchingUsers>();
  // Until hydration, and without JavaScript, the button submits the checked boxes to the page that asks for confirmation.
  const [hydrated, setHydrated] = useState(false);
  const count = matching?.total ?? selection.users.length;
  const countText = formatTotal(locale, matching ?? { total: count, totalExact: true }, t.moreThan);
  const found = selection.isPageSelected ? readListState().load : undefined;

  useEffect(showLocalTimes, []);
  useEffect(() => {
    rememberList();
    document.addEventListener(listShownEvent, rememberList);
    return () => document.removeEventListener(listShownEvent, rememberList);
  }, []);
  useEffect(() => setHydrated(true), []);
  useEffect(() => {
    // The selection of all ends with the list that it belongs to, and with each box that the reader clears.
    if (!selection.isPageSelected) setMatching(undefined);
  }, [selection.isPageSelected]);

  const ask = (event: Event) => {
    event.preventDefault();
    setToConfirm(matching ?? selection.users);
  };
  const answer = (yes: boolean) => {
    setToConfirm([]);
    if (!yes) return;
    deletion.remove(toConfirm);
    selection.clear();
  };
  const chosen = Array.isArray(toConfirm) ? toConfirm : [];
  const question = () => {
    if (!Array.isArray(toConfirm)) {
      const text = toConfirm.q === '' ? t.remove.askAll : t.remove.askMatching;
      return fill(text, { count: formatTotal(locale, toConfirm, t.moreThan), q: toConfirm.q });
    }
    if (toConfirm.length === 1) return fill(t.remove.askOne, { name: toConfirm[0]?.name ?? '' });
    return plural(locale, t.remove.ask, toConfirm.length);
  };

  return (
    <>
      <span class="live" title={t.live.onTitle} data-on={connected}>
        {connected ? t.live.on : t.live.off}
      </span>
      {found && found.total > selection.users.length && !matching && (
        <button type="button" class="button" onClick={() => setMatching({ ...found, q: currentSearch() })}>
          {fill(t.list.selectMatching, { count: formatTotal(locale, found, t.moreThan) })}
        </button>
      )}
      {count > 0 && (
        <button type="button" class="button" onClick={selection.clear}>
          {t.list.unselect}
        </button>
      )}
      {hydrated && (
        <input type="hidden" name="ids" form="selection" value={selection.users.map(({ id }) => id).join()} />
      )}
      <button
        type="submit"
        class="button"
        form="selection"
        formMethod="post"
        formAction={exportPath}
        disabled={hydrated && count === 0}
        onClick={(event) => {
          if (!matching) return;
          event.preventDefault();
          // The export of the search is the export of all users that it finds.
          document.getElementById('export-xlsx')?.click();
        }}
      >
        {t.list.exportSelected}
        {count > 0 && <span class="number"> {countText}</span>}
      </button>
      {mayDelete && (
        <button
          type="submit"
          class="button danger"
          form="selection"
          disabled={hydrated && (count === 0 || deletion.progress !== undefined)}
          onClick={ask}
        >
          {t.list.deleteSelected}
          {count > 0 && <span class="number"> {countText}</span>}
        </button>
      )}
      <ConfirmDialog
        open={!Array.isArray(toConfirm) || toConfirm.length > 0}
        question={question()}
        hint={t.remove.hint}
        names={chosen.map(({ name }) => name)}
        yes={t.remove.yes}
        no={t.remove.no}
        onAnswer={answer}
      />
      <DeletionToast locale={locale} deletion={deletion} t={t.remove} />
    </>
  );
}

/** @returns the search of the shown list */
function currentSearch(): string {
  return new URLSearchParams(location.search).get('q')?.trim() ?? '';
}
