/** A link that is shown once, with a button that copies it. */
import { useRef, useState } from 'preact/hooks';
import { copyText } from '../lib/browser/copy-text.ts';

interface Props {
  link: string;
  t: { copy: string; copied: string };
}

/** Shows the link; the button says when it has copied. */
export default function CopyLink({ link, t }: Props) {
  const [copied, setCopied] = useState(false);
  const text = useRef<HTMLElement>(null);

  return (
    <p class="contact">
      <code ref={text}>{link}</code>
      <button
        type="button"
        class="button small needs-script"
        onClick={async () => setCopied(await copyText(link, text.current))}
      >
        {copied ? t.copied : t.copy}
      </button>
      <span class="visually-hidden" role="status">
        {copied && t.copied}
      </span>
    </p>
  );
}
