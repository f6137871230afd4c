/** The form that creates or edits a user. The site server renders it as a plain HTML form, and hydration adds the rest. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { fill } from '../i18n/text.ts';
import { afterCreation } from '../lib/after-creation.ts';
import type { User } from '../lib/api-types.ts';
import { keepDraft } from '../lib/browser/kept-draft.ts';
import { showLocalTimes } from '../lib/browser/local-times.ts';
import { refreshSection } from '../lib/browser/refresh-section.ts';
import { setFlashInBrowser } from '../lib/flash.ts';
import { newIdempotencyKey } from '../lib/idempotency-key.ts';
import { mergeUser, type Values } from '../lib/merge-user.ts';
import { type Draft, isSame, type SaveOutcome, type SeenUser } from '../lib/save-user.ts';
import type { FieldName } from '../lib/user-fields.ts';
import { Conflict } from './Conflict.tsx';
import { CopyEmail } from './CopyEmail.tsx';
import { DeleteButton } from './DeleteButton.tsx';
import { Field } from './Field.tsx';
import { FormNotice } from './FormNotice.tsx';
import type { FormTexts } from './form-texts.ts';
import { UserDetails } from './UserDetails.tsx';
import { useKeptDraft } from './use-kept-draft.ts';
import { useLiveUser } from './use-live-user.ts';
import { useSaving } from './use-saving.ts';
import { useWayBack } from './use-way-back.ts';

interface Props {
  draft: Draft;
  /** The user that the form edits, as the reader first saw it; undefined for a new user. */
  user?: SeenUser | undefined;
  /** Outcome of a submission without JavaScript. */
  outcome?: SaveOutcome | undefined;
  /** Sentence that names the source: the cache or the database. */
  source?: string | undefined;
  timeZone?: string | undefined;
  listPath: string;
  /** The list that the reader came from, with its search. */
  backPath: string;
  /** Path of a user's page without the id. */
  usersPath: string;
  /** Path of the page that asks before it deletes where there is no JavaScript. */
  confirmPath?: string | undefined;
  t: FormTexts;
}

const empty: Values = { name: '', email: '' };

/** @returns what the fields of the page hold: a reader may type before hydration. On the server there is only the draft. */
function typedValues(drafted: Values): Values {
  if (typeof document === 'undefined') return drafted;
  const typed = (name: FieldName) => document.querySelector<HTMLInputElement>(`#${name}`)?.value ?? drafted[name];
  return { name: typed('name'), email: typed('email') };
}

/** Saves without leaving the page, merges changes by others and keeps typed text or warns before it is lost. */
export default function UserForm(props: Props) {
  const { draft: first, user, outcome: firstOutcome, usersPath, confirmPath, t } = props;
  const [values, setValues] = useState<Values>(() => typedValues(first.values));
  const [key, setKey] = useState(first.key);
  const [base, setBase] = useState<SeenUser | undefined>(user);
  /** The user that this form has created before it takes another one. */
  const [created, setCreated] = useState<User>();
  const form = useRef<HTMLFormElement>(null);
  const leaving = useRef(false);
  const another = useRef(false);
  const backPath = useWayBack(props.listPath, props.backPath);
  const saving = useSaving({ first: firstOutcome, texts: t.field, form, onSaved });
  const dirty = base !== undefined && !isSame(values, base);
  const live = useLiveUser({ base, values, busy: saving.busy, adopt });
  const { outcome } = saving;
  const faults = outcome && 'faults' in outcome ? outcome.faults : {};
  const draft = (): Draft => ({ key, id: base?.id, values, version: base?.version, seen: base });
  const isNew = first.id === undefined;
  // The user is deleted, but the page still shows the reader's text: the form can only create a new user from it.
  const createsAgain = !isNew && !base;
  const heading = isNew ? undefined : fill(t.form.editTitle, { name: base?.name ?? first.values.name });

  function onSaved(done: User, sent: Values): boolean {
    if (isNew) keepDraft({ key, values: empty });
    if (isNew && another.current) {
      setCreated(done);
      setValues(empty);
      setKey(newIdempotencyKey());
      form.current?.querySelector<HTMLElement>('#name')?.focus();
      return false;
    }
    if (done.id !== base?.id) {
      setFlashInBrowser({ kind: 'created', id: done.id });
      leaving.current = true;
      location.assign(isNew ? afterCreation(backPath) : `${usersPath}${done.id}`);
      return true;
    }
    setBase(done);
    // Text that the reader typed while the request was under way is not saved yet, so it stays.
    setValues((now) => mergeUser(sent, now, done).values);
    return false;
  }

  /** Makes a state of the user the one that the next save is based on. */
  function adopt(current: User, shown: Values) {
    setBase(current);
    setValues({ name: shown.name, email: shown.email });
  }

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    another.current = event.submitter?.getAttribute('value') === 'another';
    live.dismiss();
    setCreated(undefined);
    saving.send(draft());
  };
  const onType = (name: FieldName) => (value: string) => {
    setValues((before) => ({ ...before, [name]: value }));
    saving.clearFault(name);
  };

  useKeptDraft(isNew ? { key, values } : undefined, (kept) => {
    setValues(kept.values);
    setKey(kept.key);
  });
  useEffect(showLocalTimes, []);
  useEffect(() => {
    if (base && base.version !== user?.version) refreshSection('history');
  }, [base?.version]);
  useEffect(() => {
    if (heading) document.title = document.title.replace(/^.*(?= · )/, heading);
  }, [heading]);
  useEffect(() => {
    // The fields that only the other person changed need no choice.
    if (outcome?.kind === 'stale') setValues((now) => mergeUser(base, now, outcome.current).values);
  }, [outcome]);
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => {
      if (!leaving.current) event.preventDefault();
    };
    if (!dirty) return;
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [dirty]);

  const status = () => {
    if (dirty) return t.form.unsaved;
    if (outcome?.kind !== 'done' || isNew) return '';
    return outcome.theirs?.length ? t.conflict.merged : t.form.saved;
  };

  return (
    <>
      {heading && (
        <h1>
          <bdi>{heading}</bdi>
        </h1>
      )}
      {base && <CopyEmail email={base.email} t={t.form} />}
      <form ref={form} method="post" class="user-form" noValidate onSubmit={submit}>
        {created && (
          <p class="notice good" role="status">
            {fill(t.flash.created, { id: created.id })}
            <a href={`${usersPath}${created.id}`}>{t.flash.open}</a>
          </p>
        )}
        <FormNotice outcome={outcome} secondsLeft={saving.secondsLeft} onStop={saving.stop} t={t} />
        <Conflict
          outcome={outcome}
          live={live}
          seen={base}
          values={values}
          usersPath={usersPath}
          t={t.conflict}
          labels={t.form}
          onKeepMine={(current) => {
            live.dismiss();
            const merged = mergeUser(base, values, current).values;
            saving.send({ ...draft(), values: merged, version: current.version, seen: current });
          }}
          onTakeTheirs={(current, fields) => {
            saving.reset();
            live.dismiss();
            const taken = Object.fromEntries(fields.map((field) => [field, current[field]]));
            adopt(current, { ...mergeUser(base, values, current).values, ...taken });
          }}
          onCreateAgain={() => saving.send({ key, values })}
        />
        <Field
          name="name"
          label={t.form.name}
          hint={t.form.nameHint}
          value={values.name}
          fault={faults.name}
          onType={onType('name')}
        />
        <Field
          name="email"
          label={t.form.email}
          hint={t.form.emailHint}
          value={values.email}
          fault={faults.email}
          onType={onType('email')}
        />
        <input type="hidden" name="key" value={key} />
        <input type="hidden" name="back" value={backPath} />
        {base && <SeenFields base={base} outcome={outcome} />}
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
          {isNew && (
            <button type="submit" class="button" name="intent" value="another" aria-disabled={saving.busy}>
              {t.form.another}
            </button>
          )}
          <a class="button" href={backPath} onClick={() => isNew && keepDraft({ key, values: empty })}>
            {base ? t.form.back : t.form.cancel}
          </a>
          <span class="quiet" role="status">
            {status()}
          </span>
          {base && confirmPath && (
            <DeleteButton
              locale={t.locale}
              user={base}
              confirmPath={confirmPath}
              listPath={backPath}
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
 * Hidden fields for a submission without JavaScript: the user as the reader saw it. The page with a conflict shows the
 * current values, so submitting it again means to overwrite them.
 */
function SeenFields({ base, outcome }: { base: SeenUser; outcome: SaveOutcome | undefined }) {
  const { version, name, email } = outcome?.kind === 'stale' ? outcome.current : base;
  return (
    <>
      <input type="hidden" name="version" value={version} />
      <input type="hidden" name="seen" value={JSON.stringify({ name, email })} />
    </>
  );
}
