/** The button on a user's page that deletes the user after a confirmation, and leads to the list, where it can be undone. */
import { useState } from 'preact/hooks';
import type { Messages } from '../i18n/index.ts';
import { fill } from '../i18n/text.ts';
import { ConfirmDialog } from './ConfirmDialog.tsx';
import { DeletionToast } from './DeletionToast.tsx';
import { type DeletionTarget, useDeletion } from './use-deletion.ts';

interface Props {
  locale: string;
  user: DeletionTarget;
  /** Path of the page that asks for the confirmation where there is no JavaScript. */
  confirmPath: string;
  listPath: string;
  label: string;
  /** Called before the page goes to the list because its user is deleted. */
  onLeave: () => void;
  t: Messages['remove'];
}

/** Shows the button; after a deletion the list offers to undo it. */
export function DeleteButton({ locale, user, confirmPath, listPath, label, onLeave, t }: Props) {
  const [asking, setAsking] = useState(false);
  /** The list shows the message about the deletion, so this page does not. */
  const [isLeaving, setLeaving] = useState(false);
  const deletion = useDeletion((result) => {
    if (!('stale' in result) || !result.done.includes(user.id)) return;
    setLeaving(true);
    onLeave();
    location.assign(listPath);
  });

  return (
    <>
      <a
        class="button danger"
        href={confirmPath}
        onClick={(event) => {
          event.preventDefault();
          setAsking(true);
        }}
      >
        {label}
      </a>
      <ConfirmDialog
        open={asking}
        question={fill(t.askOne, { name: user.name })}
        hint={t.hint}
        names={[user.name]}
        yes={t.yes}
        no={t.no}
        onAnswer={(yes) => {
          setAsking(false);
          if (yes) deletion.remove([user]);
        }}
      />
      {!isLeaving && <DeletionToast locale={locale} deletion={deletion} t={t} />}
    </>
  );
}
