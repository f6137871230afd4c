/** Sends the token of the page's address to the site. */
import { useEffect } from 'preact/hooks';
import { tokenIn } from '../lib/link-token.ts';

interface Props {
  /** The id of the form that takes the link. */
  form: string;
}

/** Moves the token out of the address, where the browser's history would keep it, into the form, and sends it. Shows nothing. */
export default function OpenLink({ form }: Props) {
  useEffect(() => {
    const send = () => {
      const token = tokenIn(location.hash);
      const element = document.getElementById(form);
      if (!token || !(element instanceof HTMLFormElement)) return;
      history.replaceState(null, '', location.pathname);
      const field = element.elements.namedItem('link');
      if (field instanceof HTMLInputElement) field.value = token;
      element.submit();
    };
    send();
    addEventListener('hashchange', send);
    return () => removeEventListener('hashchange', send);
  }, []);
  return null;
}
