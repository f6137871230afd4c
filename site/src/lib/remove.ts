/** Deletes the users that were chosen on the page that asks. */
import type { Api, Trouble } from './api.ts';
import { type User, versionTag } from './users.ts';

/** As many as one page of the list can show. */
const most = 1_000;
const atOnce = 8;

/** The users of some ids, without those that are gone. */
export async function collect(
  api: Pick<Api, 'get'>,
  ids: (number | undefined)[],
): Promise<{ users: User[]; trouble: Trouble | undefined }> {
  const wanted = [...new Set(ids.filter((id) => id !== undefined))].slice(0, most);
  const results = await inTurns(wanted, (id) => api.get(id));
  const users = results.flatMap((result) => (result.ok ? [result.answer.body] : []));
  const troubles = results.flatMap((result) => (result.ok ? [] : [result.trouble]));
  return { users, trouble: troubles.find((trouble) => trouble.kind !== 'problem' || trouble.status >= 500) };
}

export interface Removed {
  done: number;
  removed: User[];
  stale: number;
  failed: number;
  /** Who is still there. */
  left: number[];
}

/** Deletes users in the version that the reader was asked about; each choice is `[id, version]` as JSON. */
export async function removeChosen(api: Pick<Api, 'get' | 'remove'>, choices: FormDataEntryValue[]): Promise<Removed> {
  const outcome: Removed = { done: 0, removed: [], stale: 0, failed: 0, left: [] };
  const chosen = choices.slice(0, most).flatMap((choice) => readChoice(choice) ?? []);
  await inTurns(chosen, async ({ id, version }) => {
    const before = chosen.length === 1 ? await api.get(id) : undefined;
    const result = await api.remove(id, versionTag(version));
    const status = result.ok || result.trouble.kind !== 'problem' ? undefined : result.trouble.status;
    if (result.ok || status === 404) {
      outcome.done++;
      if (before?.ok) outcome.removed.push(before.answer.body);
      return;
    }
    outcome.left.push(id);
    if (status === 412) outcome.stale++;
    else outcome.failed++;
  });
  return outcome;
}

function readChoice(choice: FormDataEntryValue): { id: number; version: number }[] | undefined {
  if (typeof choice !== 'string') return undefined;
  const [, id, version] = /^\[(\d{1,15}),(\d{1,15})\]$/.exec(choice) ?? [];
  return id && version ? [{ id: Number(id), version: Number(version) }] : undefined;
}

async function inTurns<T, R>(items: T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let from = 0; from < items.length; from += atOnce) {
    results.push(...(await Promise.all(items.slice(from, from + atOnce).map(work))));
  }
  return results;
}
