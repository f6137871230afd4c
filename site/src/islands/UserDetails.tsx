/** The read-only details below a user's form. */
import { useEffect, useState } from 'preact/hooks';
import type { Messages } from '../i18n/index.ts';
import { formatDate, formatNumber } from '../i18n/text.ts';
import type { SeenUser } from '../lib/save-user.ts';

interface Props {
  locale: string;
  user: SeenUser;
  /** IANA name from the reader's cookie; undefined on a first visit. The browser's own time zone replaces it. */
  timeZone: string | undefined;
  /** Sentence that names the source: the cache or the database. */
  source: string | undefined;
  t: Messages['form'];
}

/** Shows when the user was created and changed, its version and where it was loaded from. */
export function UserDetails({ locale, user, timeZone, source, t }: Props) {
  const [zone, setZone] = useState(timeZone);
  useEffect(() => setZone(Intl.DateTimeFormat().resolvedOptions().timeZone), []);
  const time = (iso: string) => <time dateTime={iso}>{formatDate(locale, iso, zone)}</time>;

  return (
    <dl class="details">
      <div>
        <dt>{t.number}</dt>
        <dd>{formatNumber(locale, user.id)}</dd>
      </div>
      {user.createdAt && (
        <div>
          <dt>{t.created}</dt>
          <dd>{time(user.createdAt)}</dd>
        </div>
      )}
      {user.updatedAt && (
        <div>
          <dt>{t.updated}</dt>
          <dd>{time(user.updatedAt)}</dd>
        </div>
      )}
      <div>
        <dt>{t.version}</dt>
        <dd>{formatNumber(locale, user.version)}</dd>
      </div>
      {source && (
        <div>
          <dt>{t.source}</dt>
          <dd>{source}</dd>
        </div>
      )}
    </dl>
  );
}
