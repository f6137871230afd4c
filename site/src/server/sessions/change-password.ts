/** Changes the password of the person who is signed in, by the form of the account page. */
import { type Api, type ApiFailure, statusOf } from '../../lib/api-client.ts';
import { textOf } from '../../lib/form-data.ts';

/** The faults of the fields, as keys of the catalogue. */
interface PasswordFaults {
  current?: 'currentWrong';
  new?: 'length';
  repeated?: 'differs';
}

/** `paused`: too many wrong passwords. `status` is that of the page. */
export type PasswordOutcome =
  | { kind: 'done' }
  | { kind: 'faults'; status: 422; faults: PasswordFaults }
  | { kind: 'paused'; status: 429; seconds: number }
  | { kind: 'failure'; status: number; failure: ApiFailure };

/** @param form the fields `current`, `new` and `repeated` */
export async function changePassword(api: Pick<Api, 'ask'>, form: FormData): Promise<PasswordOutcome> {
  const newPassword = textOf(form, 'new');
  if (newPassword !== textOf(form, 'repeated')) return faulty({ repeated: 'differs' });
  const body = { currentPassword: textOf(form, 'current'), newPassword };
  const result = await api.ask('/me/password', { method: 'PUT', body });
  if (result.ok) return { kind: 'done' };
  const { failure } = result;
  const status = statusOf(failure);
  if (failure.kind === 'problem' && status === 429) {
    return { kind: 'paused', status, seconds: Math.ceil((failure.retryAfterMs ?? 1_000) / 1_000) };
  }
  const fields = failure.kind === 'problem' ? (failure.problem.errors ?? []).map(({ field }) => field) : [];
  if (fields.includes('currentPassword')) return faulty({ current: 'currentWrong' });
  if (fields.includes('newPassword')) return faulty({ new: 'length' });
  return { kind: 'failure', status, failure };
}

function faulty(faults: PasswordFaults): PasswordOutcome {
  return { kind: 'faults', status: 422, faults };
}
