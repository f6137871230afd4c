/** The notice above a user's form about the last attempt to save. */
import { fill } from '../i18n/text.ts';
import { failureText } from '../lib/api-texts.ts';
import type { SaveOutcome } from '../lib/save-user.ts';
import type { FormTexts } from './form-texts.ts';

interface Props {
  outcome: SaveOutcome | undefined;
  /** Seconds until the next attempt; undefined if none is planned. */
  secondsLeft: number | undefined;
  onStop: () => void;
  t: FormTexts;
}

/** Asks to correct the marked fields, or explains why the API did not save and counts down to the next attempt. */
export function FormNotice({ outcome, secondsLeft, onStop, t }: Props) {
  if (outcome?.kind === 'faults' || outcome?.kind === 'taken') {
    return (
      <p class="notice bad" role="alert">
        {t.form.fix}
      </p>
    );
  }
  if (outcome?.kind !== 'failure') return null;
  const { failure } = outcome;
  const isSignedOut = failure.kind === 'problem' && failure.status === 401;
  return (
    <div class="notice bad" role="alert">
      <p>
        <strong>{failureText(failure, t.failure)}</strong>
      </p>
      {isSignedOut && (
        <p>
          <a class="button" href="/sign-in" target="_blank" rel="noopener">
            {t.failure.signInElsewhere}
          </a>
        </p>
      )}
      {secondsLeft !== undefined && (
        <p>
          {fill(t.failure.kept, { seconds: secondsLeft })}{' '}
          <button type="button" class="button" onClick={onStop}>
            {t.failure.stop}
          </button>
        </p>
      )}
    </div>
  );
}
