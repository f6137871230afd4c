/** Hook: the users that the reader selects in the list. The selection lasts while the reader pages and searches. */
import { useEffect, useState } from 'preact/hooks';
import { listShownEvent } from '../lib/browser/navigation.ts';
import type { DeletionTarget } from './use-deletion.ts';

/** The selected users and the action that unselects all. */
export interface Selection {
  users: DeletionTarget[];
  /** Whether all users of the shown page are selected. */
  isPageSelected: boolean;
  clear: () => void;
}

/** Follows the checkboxes. They are part of the server's HTML, and each load of the list replaces them. */
export function useSelection(): Selection {
  const [selected, setSelected] = useState<ReadonlyMap<number, DeletionTarget>>(new Map());
  const [isPageSelected, setPageSelected] = useState(false);

  useEffect(() => {
    const users = new Map<number, DeletionTarget>();
    /** The start of a range that a click with Shift extends. */
    let last: HTMLInputElement | undefined;

    /** Checks the boxes of the selected users, and takes each user's name and version from its current row. */
    const sync = () => {
      for (const box of checkboxes()) {
        const user = userOf(box);
        if (box.checked && !users.has(user.id)) users.set(user.id, user);
        box.checked = users.has(user.id);
        if (box.checked) users.set(user.id, user);
      }
      const shown = checkboxes();
      const checked = shown.filter((box) => box.checked).length;
      setPageSelected(shown.length > 0 && checked === shown.length);
      const all = selectAllBox();
      if (all) {
        all.hidden = false;
        all.checked = shown.length > 0 && checked === shown.length;
        all.indeterminate = checked > 0 && checked < shown.length;
      }
      setSelected(new Map(users));
    };
    const select = (box: HTMLInputElement, on: boolean) => {
      const user = userOf(box);
      box.checked = on;
      if (on) users.set(user.id, user);
      else users.delete(user.id);
    };
    const onClick = ({ target, shiftKey }: MouseEvent) => {
      if (!(target instanceof HTMLInputElement) || target.type !== 'checkbox') return;
      if (target.matches('[data-all]')) for (const box of checkboxes()) select(box, target.checked);
      else if (target.name === 'id') {
        const shown = checkboxes();
        const from = last && shiftKey ? shown.indexOf(last) : -1;
        const to = shown.indexOf(target);
        const range = from === -1 ? [target] : shown.slice(Math.min(from, to), Math.max(from, to) + 1);
        for (const box of range) select(box, target.checked);
        last = target;
      } else return;
      sync();
    };
    const onClear = () => {
      users.clear();
      for (const box of checkboxes()) box.checked = false;
      sync();
    };
    sync();
    document.addEventListener('click', onClick);
    document.addEventListener(listShownEvent, sync);
    document.addEventListener(clearEvent, onClear);
    return () => {
      document.removeEventListener('click', onClick);
      document.removeEventListener(listShownEvent, sync);
      document.removeEventListener(clearEvent, onClear);
    };
  }, []);

  return { users: [...selected.values()], isPageSelected, clear: () => document.dispatchEvent(new Event(clearEvent)) };
}

const clearEvent = 'cadastro:clear-selection';

function checkboxes(): HTMLInputElement[] {
  return [...document.querySelectorAll<HTMLInputElement>('#results input[name="id"]')];
}

function selectAllBox(): HTMLInputElement | null {
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
