/** A deletion that waits in the browser before it is sent, so that undoing it leaves no trace (decision 013). */
import { versionTag } from '../api-types.ts';
import type { UserVersion } from '../delete-users.ts';

/** The time in which the reader can undo a deletion. */
export const undoDelayMs = 6_000;

/** A user in a pending deletion, and the name to show meanwhile. */
export interface DeletionTarget extends UserVersion {
  name: string;
}

/** Sends the deletions while the page is being left: the browser finishes keep-alive requests after the page is gone. */
export function deleteOnLeave(users: readonly UserVersion[]): void {
  for (const { id, version } of users) {
    fetch(`/api/users/${id}`, { method: 'DELETE', headers: { 'if-match': versionTag(version) }, keepalive: true });
  }
}
