import { fill } from '../i18n/text.ts';
import { failureText } from '../lib/api-texts.ts';
import type { SaveOutcome } from '../lib/save-user.ts';
import type { FormTexts } from './UserForm.tsx';

interface Props {
  outcome: SaveOutcome | undefined;
  /** Until the next attempt, while there will be one. */
  seconds: number | undefined;
  stop: () => void;
  t: FormTexts;
}

/** Says above the form what is wrong with it as a whole. */
export function FormTrouble({ outcome, seconds, stop, t }: Props) {
  if (outcome?.kind === 'faults' || outcome?.kind === 'taken') {
    return (
      <p class="notice bad" role="alert">
        {t.form.fix}
      </p>
    );
  }
  if (outcome?.kind !== 'failure') return null;
  return (
    <div class="notice bad" role="alert">
      <p>
        <strong>{failureText(outcome.failure, t.trouble)}</strong>
      </p>
      {seconds !== undefined && (
        <p>
          {fill(t.trouble.kept, { seconds })}{' '}
          <button type="button" class="button" onClick={stop}>
            {t.trouble.stop}
          </button>
        </p>
      )}
    </div>
  );
}
