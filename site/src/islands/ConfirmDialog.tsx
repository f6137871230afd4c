import { useEffect, useRef } from 'preact/hooks';

interface Props {
  open: boolean;
  question: string;
  hint: string;
  names: string[];
  yes: string;
  no: string;
  answer: (yes: boolean) => void;
}

const shown = 6;

/** Asks once, in the browser's own modal dialog: Escape means no. */
export function ConfirmDialog({ open, question, hint, names, yes, no, answer }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);

  useEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open]);

  return (
    <dialog ref={dialog} class="confirm" aria-labelledby="confirm-question" onClose={() => open && answer(false)}>
      <h2 id="confirm-question">
        <bdi>{question}</bdi>
      </h2>
      {names.length > 1 && (
        <ul>
          {names.slice(0, shown).map((name, index) => (
            <li key={index}>
              <bdi>{name}</bdi>
            </li>
          ))}
          {names.length > shown && <li>…</li>}
        </ul>
      )}
      <p class="quiet">{hint}</p>
      <p class="actions">
        <button type="button" class="button" onClick={() => answer(false)}>
          {no}
        </button>
        <button type="button" class="button danger" onClick={() => answer(true)}>
          {yes}
        </button>
      </p>
    </dialog>
  );
}
