/** The users that are ticked in the list, also while other pages of it are shown. */
import { useEffect, useState } from 'preact/hooks';
import { shownEvent } from '../lib/browser/navigation.ts';
import type { DeletionTarget } from '../lib/browser/pending-deletion.ts';

export interface Selection {
  users: DeletionTarget[];
  clear: () => void;
}

export function useSelection(): Selection {
  const [selected, setSelected] = useState<ReadonlyMap<number, DeletionTarget>>(new Map());

  useEffect(() => {
    const chosen = new Map<number, DeletionTarget>();
    let last: HTMLInputElement | undefined;

    /** Ticks what is shown as it was chosen; a row that was read anew brings its newer version. */
    const paint = () => {
      for (const box of boxes()) {
        const user = userOf(box);
        if (box.checked && !chosen.has(user.id)) chosen.set(user.id, user);
        box.checked = chosen.has(user.id);
        if (box.checked) chosen.set(user.id, user);
      }
      const all = allBox();
      if (all) {
        const shown = boxes();
        const ticked = shown.filter((box) => box.checked).length;
        all.hidden = false;
        all.checked = shown.length > 0 && ticked === shown.length;
        all.indeterminate = ticked > 0 && ticked < shown.length;
      }
      setSelected(new Map(chosen));
    };
    const tick = (box: HTMLInputElement, on: boolean) => {
      const user = userOf(box);
      box.checked = on;
      if (on) chosen.set(user.id, user);
      else chosen.delete(user.id);
    };
    const clicked = ({ target, shiftKey }: MouseEvent) => {
      if (!(target instanceof HTMLInputElement) || target.type !== 'checkbox') return;
      if (target.matches('[data-all]')) for (const box of boxes()) tick(box, target.checked);
      else if (target.name === 'id') {
        const shown = boxes();
        const from = last && shiftKey ? shown.indexOf(last) : -1;
        const to = shown.indexOf(target);
        const range = from === -1 ? [target] : shown.slice(Math.min(from, to), Math.max(from, to) + 1);
        for (const box of range) tick(box, target.checked);
        last = target;
      } else return;
      paint();
    };
    const cleared = () => {
      chosen.clear();
      for (const box of boxes()) box.checked = false;
      paint();
    };
    paint();
    document.addEventListener('click', clicked);
    document.addEventListener(shownEvent, paint);
    document.addEventListener(clearEvent, cleared);
    return () => {
      document.removeEventListener('click', clicked);
      document.removeEventListener(shownEvent, paint);
      document.removeEventListener(clearEvent, cleared);
    };
  }, []);

  return { users: [...selected.values()], clear: () => document.dispatchEvent(new Event(clearEvent)) };
}

const clearEvent = 'cadastro:clear-selection';

function boxes(): HTMLInputElement[] {
  return [...document.querySelectorAll<HTMLInputElement>('#results input[name="id"]')];
}

function allBox(): HTMLInputElement | null {
  return document.querySelector<HTMLInputElement>('#results [data-all]');
}

function userOf(box: HTMLInputElement): DeletionTarget {
  const row = box.closest<HTMLElement>('[data-id]');
  return {
    id: Number(box.value),
    name: row?.querySelector('.name')?.textContent ?? '',
    version: Number(row?.dataset.version),
  };
}
