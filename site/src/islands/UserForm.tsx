/** The form that creates or edits a user. The site server renders it as a plain HTML form, and hydration adds the rest. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { User } from '../lib/api-types.ts';
import { showLocalTimes } from '../lib/browser/local-times.ts';
import { setFlashInBrowser } from '../lib/flash.ts';
import { type Draft, isSame, type SaveOutcome, type Values } from '../lib/save-user.ts';
import type { FieldName } from '../lib/user-fields.ts';
import { Conflict } from './Conflict.tsx';
import { DeleteButton } from './DeleteButton.tsx';
import { Field } from './Field.tsx';
import { FormNotice } from './FormNotice.tsx';
import type { FormTexts } from './form-texts.ts';
import { UserDetails } from './UserDetails.tsx';
import { useLiveUser } from './use-live-user.ts';
import { useSaving } from './use-saving.ts';

interface Props {
  draft: Draft;
  /** The user that the form edits, as the site server read it; undefined for a new user. */
  user?: User | undefined;
  /** Outcome of a submission without JavaScript. */
  outcome?: SaveOutcome | undefined;
  /** Sentence that names the source: the cache or the database. */
  source?: string | undefined;
  timeZone?: string | undefined;
  listPath: string;
  /** Path of a user's page without the id. */
  usersPath: string;
  /** Path of the page that asks before it deletes where there is no JavaScript. */
  confirmPath?: string | undefined;
  t: FormTexts;
}

/** Saves without leaving the page, follows changes by others and warns before unsaved text is lost. */
export default function UserForm(props: Props) {
  const { draft: first, user, outcome: firstOutcome, listPath, usersPath, confirmPath, t } = props;
  const [values, setValues] = useState<Values>(first.values);
  const [base, setBase] = useState<User | undefined>(user);
  const form = useRef<HTMLFormElement>(null);
  const leaving = useRef(false);
  const saving = useSaving({ first: firstOutcome, texts: t.field, form, onSaved });
  const dirty = base !== undefined && !isSame(values, base);
  const live = useLiveUser({ base, dirty, busy: saving.busy, adopt });
  const { outcome } = saving;
  const faults = outcome && 'faults' in outcome ? outcome.faults : {};
  const draft = (version = base?.version): Draft => ({ ...first, id: base?.id, values, version });
  // The user is deleted, but the page still shows the reader's text: the form can only create a new user from it.
  const createsAgain = first.id !== undefined && !base;

  function onSaved(done: User, sent: Values) {
    if (done.id !== base?.id) {
      setFlashInBrowser({ kind: 'created', id: done.id });
      leaving.current = true;
      location.assign(first.id === undefined ? `${listPath}?sort=-id` : `${usersPath}${done.id}`);
      return;
    }
    setBase(done);
    // Text that the reader typed while the request was under way is not saved yet, so it stays.
    setValues((now) => (isSame(now, sent) ? { name: done.name, email: done.email } : now));
  }

  /** Shows the given state of the user and makes it the one that the next save is based on. */
  function adopt(current: User) {
    setBase(current);
    setValues({ name: current.name, email: current.email });
  }

  const submit = (event: Event) => {
    event.preventDefault();
    live.dismiss();
    saving.send(draft());
  };
  const onType = (name: FieldName) => (value: string) => {
    setValues((before) => ({ ...before, [name]: value }));
    saving.clearFault(name);
  };

  useEffect(showLocalTimes, []);
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => {
      if (!leaving.current) event.preventDefault();
    };
    if (!dirty) return;
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [dirty]);

  return (
    <>
      <form ref={form} method="post" class="user-form" noValidate onSubmit={submit}>
        <FormNotice outcome={outcome} secondsLeft={saving.secondsLeft} onStop={saving.stop} t={t} />
        <Conflict
          outcome={outcome}
          live={live}
          values={values}
          usersPath={usersPath}
          t={t.conflict}
          labels={t.form}
          onKeepMine={(version) => {
            live.dismiss();
            saving.send(draft(version));
          }}
          onTakeTheirs={(current) => {
            saving.reset();
            live.dismiss();
            adopt(current);
          }}
          onCreateAgain={() => saving.send({ key: first.key, values })}
        />
        <Field
          name="name"
          label={t.form.name}
          hint={t.form.nameHint}
          value={values.name}
          fault={faults.name}
          autocomplete="name"
          onType={onType('name')}
        />
        <Field
          name="email"
          label={t.form.email}
          hint={t.form.emailHint}
          value={values.email}
          fault={faults.email}
          autocomplete="email"
          onType={onType('email')}
        />
        <input type="hidden" name="key" value={first.key} />
        {base && <input type="hidden" name="version" value={versionToSend(base, outcome)} />}
        <div class="actions">
          <button
            type="submit"
            class="button primary"
            name={createsAgain ? 'intent' : undefined}
            value={createsAgain ? 'create' : undefined}
            aria-disabled={saving.busy}
          >
            {base ? (saving.busy ? t.form.saving : t.form.save) : saving.busy ? t.form.creating : t.form.create}
          </button>
          <a class="button" href={listPath}>
            {base ? t.form.back : t.form.cancel}
          </a>
          <span class="quiet" role="status">
            {outcome?.kind === 'done' && !dirty ? t.form.saved : dirty ? t.form.unsaved : ''}
          </span>
          {base && confirmPath && (
            <DeleteButton
              locale={t.locale}
              user={base}
              confirmPath={confirmPath}
              listPath={listPath}
              label={t.form.remove}
              onLeave={() => {
                leaving.current = true;
              }}
              t={t.remove}
            />
          )}
        </div>
      </form>
      {base && <UserDetails locale={t.locale} user={base} timeZone={props.timeZone} source={props.source} t={t.form} />}
    </>
  );
}

/**
 * @returns the version for the hidden field. Without JavaScript the page with the conflict shows the current values, so
 * submitting it again means to overwrite them.
 */
function versionToSend(base: User, outcome: SaveOutcome | undefined): number {
  return outcome?.kind === 'stale' ? outcome.current.version : base.version;
}
