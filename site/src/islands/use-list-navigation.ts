/** Makes the list's links, search and page size work without reloading the page, and rows open on a click. */
import { useEffect } from 'preact/hooks';
import { show } from '../lib/browser/navigation.ts';

const typingPause = 180;

export function useListNavigation(): void {
  useEffect(() => {
    const form = document.querySelector<HTMLFormElement>('#search');
    if (!form) return;
    let timer: ReturnType<typeof setTimeout> | undefined;

    const search = (keeping: 'push' | 'replace') => {
      clearTimeout(timer);
      const parameters = new URLSearchParams();
      for (const [name, value] of new FormData(form)) {
        const input = form.elements.namedItem(name);
        const plain = input instanceof HTMLElement ? input.dataset.default : undefined;
        if (typeof value === 'string' && value !== '' && value !== plain) parameters.set(name, value);
      }
      const text = parameters.toString();
      const address = location.pathname + (text && `?${text}`);
      show(address, keeping);
    };
    const typed = () => {
      clearTimeout(timer);
      timer = setTimeout(() => search('replace'), typingPause);
    };
    const submitted = (event: Event) => {
      event.preventDefault();
      search('push');
    };
    const changed = ({ target }: Event) => {
      if (target instanceof HTMLSelectElement) search('push');
    };
    const clicked = (event: MouseEvent) => {
      if (!(event.target instanceof Element) || event.defaultPrevented || event.button !== 0) return;
      const link = event.target.closest<HTMLAnchorElement>('a[data-live]');
      if (link) {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        follow(link, form);
        return;
      }
      openRow(event);
    };
    const moved = () => {
      fillForm(form);
      show(location.href, 'restore');
    };
    const pressed = (event: KeyboardEvent) => {
      const typing = event.target instanceof HTMLElement && event.target.matches('input, select, textarea');
      if (event.key !== '/' || typing || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      form.querySelector<HTMLInputElement>('input[type="search"]')?.focus();
    };
    form.addEventListener('input', typed);
    form.addEventListener('change', changed);
    form.addEventListener('submit', submitted);
    document.addEventListener('click', clicked);
    document.addEventListener('keydown', pressed);
    window.addEventListener('popstate', moved);
    return () => {
      clearTimeout(timer);
      form.removeEventListener('input', typed);
      form.removeEventListener('change', changed);
      form.removeEventListener('submit', submitted);
      document.removeEventListener('click', clicked);
      document.removeEventListener('keydown', pressed);
      window.removeEventListener('popstate', moved);
    };
  }, []);
}

async function follow(link: HTMLAnchorElement, form: HTMLFormElement): Promise<void> {
  const paging = link.closest('.pager') !== null;
  if (!(await show(link.href, 'push'))) return;
  fillForm(form);
  if (paging) document.getElementById('results')?.scrollIntoView({ block: 'start' });
}

/** Shows in the form what the address says: the form is not read anew with the list. */
function fillForm(form: HTMLFormElement): void {
  const parameters = new URLSearchParams(location.search);
  for (const input of form.elements) {
    if (!(input instanceof HTMLInputElement || input instanceof HTMLSelectElement) || !input.name) continue;
    input.value = parameters.get(input.name) ?? input.dataset.default ?? '';
  }
}

/** A click anywhere in a row opens its user, unless it picks text or hits something that has a meaning of its own. */
function openRow(event: MouseEvent): void {
  const target = event.target as Element;
  const row = target.closest('#results tbody tr');
  if (!row || target.closest('a, button, input, label') || getSelection()?.isCollapsed === false) return;
  const link = row.querySelector<HTMLAnchorElement>('.name a');
  if (!link) return;
  if (event.ctrlKey || event.metaKey) window.open(link.href, '_blank', 'noopener');
  else location.assign(link.href);
}
