/** Hook: the list's links, search and page size work without a reload, and a click on a row opens its user. */
import { useEffect } from 'preact/hooks';
import { copyText } from '../lib/browser/copy-text.ts';
import { show } from '../lib/browser/navigation.ts';

/** How long the reader must have stopped typing before the search starts. */
const typingPauseMs = 180;

/** Listens for clicks on the document, because each load of the list replaces its links and rows. */
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
        const defaultValue = input instanceof HTMLElement ? input.dataset.default : undefined;
        if (typeof value === 'string' && value !== '' && value !== defaultValue) parameters.set(name, value);
      }
      const text = parameters.toString();
      const address = location.pathname + (text && `?${text}`);
      show(address, keeping);
    };
    const onInput = () => {
      clearTimeout(timer);
      timer = setTimeout(() => search('replace'), typingPauseMs);
    };
    const onSubmit = (event: Event) => {
      event.preventDefault();
      search('push');
    };
    const onChange = ({ target }: Event) => {
      if (target instanceof HTMLSelectElement) search('push');
    };
    const onClick = (event: MouseEvent) => {
      if (!(event.target instanceof Element) || event.defaultPrevented || event.button !== 0) return;
      const link = event.target.closest<HTMLAnchorElement>('a[data-live]');
      if (link) {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        clearTimeout(timer);
        follow(link, form);
        return;
      }
      const copy = event.target.closest<HTMLElement>('.copy');
      if (copy) copyEmail(copy);
      else openRow(event);
    };
    const onPopState = () => {
      fillForm(form);
      show(location.href, 'restore');
    };
    const onKeyDown = (event: KeyboardEvent) => {
      const typing = event.target instanceof HTMLElement && event.target.matches('input, select, textarea');
      if (event.key !== '/' || typing || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      form.querySelector<HTMLInputElement>('input[type="search"]')?.focus();
    };
    form.addEventListener('input', onInput);
    form.addEventListener('change', onChange);
    form.addEventListener('submit', onSubmit);
    document.addEventListener('click', onClick);
    document.addEventListener('keydown', onKeyDown);
    window.addEventListener('popstate', onPopState);
    return () => {
      clearTimeout(timer);
      form.removeEventListener('input', onInput);
      form.removeEventListener('change', onChange);
      form.removeEventListener('submit', onSubmit);
      document.removeEventListener('click', onClick);
      document.removeEventListener('keydown', onKeyDown);
      window.removeEventListener('popstate', onPopState);
    };
  }, []);
}

/** Shows the address of a link of the list, with the search that the reader has typed since the link was made. */
async function follow(link: HTMLAnchorElement, form: HTMLFormElement): Promise<void> {
  const url = new URL(link.href);
  const typed = form.querySelector<HTMLInputElement>('input[type="search"]')?.value.trim() ?? '';
  if (typed !== (new URLSearchParams(location.search).get('q') ?? '')) {
    url.searchParams.set('q', typed);
    // A cursor belongs to the search before.
    for (const name of ['cursor', 'page', 'trail']) url.searchParams.delete(name);
  }
  const shown = show(url.href, url.href === location.href ? 'refresh' : 'push');
  fillForm(form);
  if ((await shown) && link.closest('.pager')) document.getElementById('results')?.scrollIntoView({ block: 'start' });
}

/** Sets the search form to the values in the address: the form stays on the page when the list is replaced. */
function fillForm(form: HTMLFormElement): void {
  const parameters = new URLSearchParams(location.search);
  for (const input of form.elements) {
    if (!(input instanceof HTMLInputElement || input instanceof HTMLSelectElement) || !input.name) continue;
    input.value = parameters.get(input.name) ?? input.dataset.default ?? '';
  }
}

const confirmationMs = 2_000;

/** Copies the e-mail beside a button, which shows a tick for two seconds. */
async function copyEmail(button: HTMLElement): Promise<void> {
  const address = button.previousElementSibling;
  if (!(await copyText(address?.textContent ?? '', address))) return;
  button.dataset.done = '';
  setTimeout(() => delete button.dataset.done, confirmationMs);
}

/** Opens the user of a clicked row, unless the click selects text or hits a link, a control or an e-mail to copy. */
function openRow(event: MouseEvent): void {
  const target = event.target as Element;
  const row = target.closest('#results tbody tr');
  if (!row || target.closest('a, button, input, label, .email') || getSelection()?.isCollapsed === false) return;
  const link = row.querySelector<HTMLAnchorElement>('.name a');
  if (!link) return;
  if (event.ctrlKey || event.metaKey) window.open(link.href, '_blank', 'noopener');
  else location.assign(link.href);
}
