/** The field of the import page for pasted cells. It keeps them while the reader looks at other pages. */
import { useLayoutEffect, useRef } from 'preact/hooks';
import { keepCells, noteSent, readKeptCells } from '../lib/browser/kept-cells.ts';

interface Props {
  /** Whether the page says why the site did not take the list. */
  isRefused: boolean;
}

export default function PastedCells({ isRefused }: Props) {
  const field = useRef<HTMLTextAreaElement>(null);

  useLayoutEffect(() => {
    const area = field.current;
    if (!area) return;
    const kept = readKeptCells(isRefused);
    // A reader may paste before hydration.
    if (area.value === '') area.value = kept;
    else keepCells(area.value);
    area.form?.addEventListener('submit', noteSent);
  }, []);

  return (
    <textarea
      ref={field}
      id="text"
      name="text"
      rows={5}
      spellcheck={false}
      autocomplete="off"
      onInput={({ currentTarget }) => keepCells(currentTarget.value)}
    />
  );
}
