import { useEffect, useState } from 'preact/hooks';
import type { Messages } from '../i18n/index.ts';
import { formatDate, formatNumber } from '../i18n/text.ts';
import type { User } from '../lib/api-types.ts';

interface Props {
  locale: string;
  user: User;
  /** As far as the site knows it; the browser knows better. */
  timeZone: string | undefined;
  /** Where the user was loaded from, in words. */
  source: string | undefined;
  t: Messages['form'];
}

/** What a user has besides its fields. */
export function Facts({ locale, user, timeZone, source, t }: Props) {
  const [zone, setZone] = useState(timeZone);
  useEffect(() => setZone(Intl.DateTimeFormat().resolvedOptions().timeZone), []);
  const time = (iso: string) => <time dateTime={iso}>{formatDate(locale, iso, zone)}</time>;

  return (
    <dl class="facts">
      <div>
        <dt>{t.created}</dt>
        <dd>{time(user.createdAt)}</dd>
      </div>
      <div>
        <dt>{t.updated}</dt>
        <dd>{time(user.updatedAt)}</dd>
      </div>
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
