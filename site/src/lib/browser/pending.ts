/** Users that are about to be deleted: the deletion itself waits, so that it can be undone without a trace. */
import type { Api } from '../api.ts';
import { versionTag } from '../users.ts';

export const delay = 6_000;
const atOnce = 4;

export interface Doomed {
  id: number;
  name: string;
  version: number;
}

export interface Outcome {
  done: number;
  /** Changed by somebody meanwhile, so not deleted. */
  stale: number;
  failed: number;
}

/** Deletes users, a few at a time; whoever is gone already counts as deleted. */
export async function removeAll(api: Pick<Api, 'remove'>, users: Doomed[]): Promise<Outcome> {
  const outcome: Outcome = { done: 0, stale: 0, failed: 0 };
  const left = [...users];
  const work = async () => {
    for (let user = left.shift(); user; user = left.shift()) {
      const result = await api.remove(user.id, versionTag(user.version));
      const status = result.ok || result.trouble.kind !== 'problem' ? undefined : result.trouble.status;
      if (result.ok || status === 404) outcome.done++;
      else if (status === 412) outcome.stale++;
      else outcome.failed++;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return outcome;
}

/** Deletes at once while the page is being left: such requests outlive it. */
export function removeOnLeave(users: Doomed[]): void {
  for (const { id, version } of users) {
    fetch(`/api/users/${id}`, { method: 'DELETE', headers: { 'if-match': versionTag(version) }, keepalive: true });
  }
}
