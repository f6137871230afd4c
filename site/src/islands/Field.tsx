import type { FieldName } from '../lib/user-fields.ts';

interface Props {
  name: FieldName;
  label: string;
  hint: string;
  value: string;
  fault: string | undefined;
  autocomplete: string;
  typed: (value: string) => void;
}

/** A text field with its label, its rule and, if something is wrong with it, what. */
export function Field({ name, label, hint, value, fault, autocomplete, typed }: Props) {
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
        autocomplete={autocomplete}
        autocapitalize={name === 'email' ? 'none' : undefined}
        spellcheck={false}
        required
        aria-invalid={fault ? 'true' : undefined}
        aria-describedby={`${name}-note`}
        onInput={(event) => typed(event.currentTarget.value)}
      />
      <p id={`${name}-note`} class={fault ? 'fault' : 'quiet'}>
        {fault ?? hint}
      </p>
    </div>
  );
}
