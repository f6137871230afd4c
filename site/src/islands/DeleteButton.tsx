/** Deletes the user of this page, after asking once and with some seconds to undo it. */
import { useState } from 'preact/hooks';
import type { Messages } from '../i18n/index.ts';
import { fill } from '../i18n/text.ts';
import type { DeletionTarget } from '../lib/browser/pending-deletion.ts';
import { setFlashInBrowser } from '../lib/flash.ts';
import { ConfirmDialog } from './ConfirmDialog.tsx';
import { DeletionToast } from './DeletionToast.tsx';
import { useDeletion } from './use-deletion.ts';

interface Props {
  locale: string;
  user: DeletionTarget;
  /** The page that asks without JavaScript. */
  askPath: string;
  listPath: string;
  label: string;
  /** Called when the page is about to be left because its user is gone. */
  leaving: () => void;
  t: Messages['remove'];
}

export function DeleteButton({ locale, user, askPath, listPath, label, leaving, t }: Props) {
  const [asked, setAsked] = useState(false);
  const deletion = useDeletion(({ done }) => {
    if (done === 0) return;
    setFlashInBrowser({ kind: 'deleted', count: 1 });
    leaving();
    location.assign(listPath);
  });

  return (
    <>
      <a
        class="button danger"
        href={askPath}
        onClick={(event) => {
          event.preventDefault();
          setAsked(true);
        }}
      >
        {label}
      </a>
      <ConfirmDialog
        open={asked}
        question={fill(t.askOne, { name: user.name })}
        hint={t.hint}
        names={[user.name]}
        yes={t.yes}
        no={t.no}
        answer={(yes) => {
          setAsked(false);
          if (yes) deletion.start([user]);
        }}
      />
      <DeletionToast locale={locale} deletion={deletion} t={t} />
    </>
  );
}
