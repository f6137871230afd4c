/** A user's e-mail with a link that writes to it and a button that copies it. */
import { useRef, useState } from 'preact/hooks';
import type { Messages } from '../i18n/index.ts';
import { copyText } from '../lib/browser/copy-text.ts';

interface Props {
  email: string;
  t: Pick<Messages['form'], 'copy' | 'copied' | 'write'>;
}

const confirmationMs = 2_000;

/** Shows the e-mail; the button says for two seconds that it has copied. */
export function CopyEmail({ email, t }: Props) {
  const [copied, setCopied] = useState(false);
  const address = useRef<HTMLElement>(null);
  const copy = async () => {
    if (!(await copyText(email, address.current))) return;
    setCopied(true);
    setTimeout(() => setCopied(false), confirmationMs);
  };

  return (
    <p class="contact">
      <bdi ref={address}>{email}</bdi>
      <button type="button" class="button small needs-script" onClick={copy}>
        {copied ? t.copied : t.copy}
      </button>
      <span class="visually-hidden" role="status">
        {copied && t.copied}
      </span>
      <a class="button small" href={`mailto:${encodeURIComponent(email).replaceAll('%40', '@')}`}>
        {t.write}
      </a>
    </p>
  );
}
