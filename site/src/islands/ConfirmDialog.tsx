/** The dialog that asks before a deletion. */
import { useEffect, useRef } from 'preact/hooks';

interface Props {
  open: boolean;
  question: string;
  hint: string;
  /** Names of the users that the question is about. */
  names: string[];
  /** Labels of the two buttons. */
  yes: string;
  no: string;
  onAnswer: (yes: boolean) => void;
}

const maxNames = 6;

/** Asks a question in the browser's own modal dialog, which keeps the focus inside. Escape answers no. */
export function ConfirmDialog({ open, question, hint, names, yes, no, onAnswer }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);

  useEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open]);

  return (
    <dialog ref={dialog} class="confirm" aria-labelledby="confirm-question" onClose={() => open && onAnswer(false)}>
      <h2 id="confirm-question">
        <bdi>{question}</bdi>
      </h2>
      {names.length > 1 && (
        <ul>
          {names.slice(0, maxNames).map((name, index) => (
            <li key={index}>
              <bdi>{name}</bdi>
            </li>
          ))}
          {names.length > maxNames && <li>…</li>}
        </ul>
      )}
      <p class="quiet">{hint}</p>
      <p class="actions">
        <button type="button" class="button" onClick={() => onAnswer(false)}>
          {no}
        </button>
        <button type="button" class="button danger" onClick={() => onAnswer(true)}>
          {yes}
        </button>
      </p>
    </dialog>
  );
}
