/** The form of a user, new or known. Rendered on the server it is a plain form; here it saves without leaving the page. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Messages } from '../i18n/index.ts';
import type { User } from '../lib/api-types.ts';
import { showLocalTimes } from '../lib/browser/local-times.ts';
import { setFlashInBrowser } from '../lib/flash.ts';
import { type Draft, isSame, type SaveOutcome, type Values } from '../lib/save-user.ts';
import type { FieldName } from '../lib/user-fields.ts';
import { Conflict } from './Conflict.tsx';
import { DeleteButton } from './DeleteButton.tsx';
import { Facts } from './Facts.tsx';
import { Field } from './Field.tsx';
import { FormTrouble } from './FormTrouble.tsx';
import { useLiveUser } from './use-live-user.ts';
import { useSaving } from './use-saving.ts';

export type FormTexts = Pick<Messages, 'form' | 'field' | 'conflict' | 'trouble' | 'remove' | 'locale'>;

interface Props {
  draft: Draft;
  /** The user as it was when the page was made; missing for a new one. */
  user?: User | undefined;
  /** What came of a submission without JavaScript. */
  outcome?: SaveOutcome | undefined;
  /** Where the user was loaded from, in words. */
  source?: string | undefined;
  timeZone?: string | undefined;
  listPath: string;
  usersPath: string;
  /** The page that asks before it deletes. */
  askPath?: string | undefined;
  t: FormTexts;
}

export default function UserForm(props: Props) {
  const { draft: first, user, outcome: firstOutcome, listPath, usersPath, askPath, t } = props;
  const [values, setValues] = useState<Values>(first.values);
  const [base, setBase] = useState<User | undefined>(user);
  const form = useRef<HTMLFormElement>(null);
  const leaving = useRef(false);
  const saving = useSaving({ first: firstOutcome, texts: t.field, form, saved });
  const dirty = base !== undefined && !isSame(values, base);
  const live = useLiveUser({ base, dirty, busy: saving.busy, adopt });
  const { outcome } = saving;
  const faults = outcome && 'faults' in outcome ? outcome.faults : {};
  // Without a user to change, because it is gone, there is only a new one to make.
  const draft = (version = base?.version): Draft => ({ ...first, id: base?.id, values, version });
  const anew = first.id !== undefined && !base;

  function saved(done: User, sent: Values) {
    if (done.id !== base?.id) {
      setFlashInBrowser({ kind: 'created', id: done.id });
      leaving.current = true;
      location.assign(first.id === undefined ? `${listPath}?sort=-id` : `${usersPath}${done.id}`);
      return;
    }
    setBase(done);
    // Whatever was typed while it was being saved is not saved yet, and stays.
    setValues((now) => (isSame(now, sent) ? { name: done.name, email: done.email } : now));
  }
  /** Makes a user the one that is being edited, as it is. */
  function adopt(current: User) {
    setBase(current);
    setValues({ name: current.name, email: current.email });
  }

  const submit = (event: Event) => {
    event.preventDefault();
    live.dismiss();
    saving.send(draft());
  };
  const typed = (name: FieldName) => (value: string) => {
    setValues((before) => ({ ...before, [name]: value }));
    saving.clear(name);
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
        <FormTrouble outcome={outcome} seconds={saving.seconds} stop={saving.stop} t={t} />
        <Conflict
          outcome={outcome}
          live={live}
          values={values}
          usersPath={usersPath}
          t={t.conflict}
          labels={t.form}
          keepMine={(version) => {
            live.dismiss();
            saving.send(draft(version));
          }}
          takeTheirs={(current) => {
            saving.reset();
            live.dismiss();
            adopt(current);
          }}
          createAgain={() => saving.send({ key: first.key, values })}
        />
        <Field
          name="name"
          label={t.form.name}
          hint={t.form.nameHint}
          value={values.name}
          fault={faults.name}
          autocomplete="name"
          typed={typed('name')}
        />
        <Field
          name="email"
          label={t.form.email}
          hint={t.form.emailHint}
          value={values.email}
          fault={faults.email}
          autocomplete="email"
          typed={typed('email')}
        />
        <input type="hidden" name="key" value={first.key} />
        {base && <input type="hidden" name="version" value={versionToSend(base, outcome)} />}
        <div class="actions">
          <button
            type="submit"
            class="button primary"
            name={anew ? 'intent' : undefined}
            value={anew ? 'create' : undefined}
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
          {base && askPath && (
            <DeleteButton
              locale={t.locale}
              user={base}
              askPath={askPath}
              listPath={listPath}
              label={t.form.remove}
              leaving={() => {
                leaving.current = true;
              }}
              t={t.remove}
            />
          )}
        </div>
      </form>
      {base && <Facts locale={t.locale} user={base} timeZone={props.timeZone} source={props.source} t={t.form} />}
    </>
  );
}

/** Without JavaScript, the next submission after a conflict is a choice made knowing the current value. */
function versionToSend(base: User, outcome: SaveOutcome | undefined): number {
  return outcome?.kind === 'stale' ? outcome.current.version : base.version;
}
