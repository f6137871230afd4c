/** A text field of the user's form. */
import type { FieldName } from '../lib/user-fields.ts';

interface Props {
  name: FieldName;
  label: string;
  hint: string;
  value: string;
  /** The error message. */
  fault: string | undefined;
  onType: (value: string) => void;
}

/** Shows the field with its label and below it the error, or the hint while there is no error. */
export function Field({ name, label, hint, value, fault, onType }: Props) {
  return (
    <div class="field">
      <label for={name}>{label}</label>
      <input
        id={name}
        name={name}
        type="text"
        inputMode={name === 'email' ? 'email' : undefined}
        dir="auto"
        value={value}
        // The form is about somebody else: the browser must not offer the clerk's own name and address.
        autocomplete="off"
        autocapitalize={name === 'email' ? 'none' : undefined}
        spellcheck={false}
        required
        aria-invalid={fault ? 'true' : undefined}
        aria-describedby={`${name}-note`}
        onInput={(event) => onType(event.currentTarget.value)}
      />
      <p id={`${name}-note`} class={fault ? 'fault' : 'quiet'}>
        {fault ?? hint}
      </p>
    </div>
  );
}
