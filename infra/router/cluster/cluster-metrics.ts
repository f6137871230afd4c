/** Collects the snapshots of all router processes, in the supervisor. */
import { endedSnapshot, mergeSnapshots, type RouterSnapshot } from '../status/snapshot.ts';
import { PendingRequests } from './pending-requests.ts';

/** How long a router process may take to answer (ms). A busy host needs time, and one process that hangs must not hide the others. */
const snapshotTimeoutMs = 5000;

/** A router process that can be asked for its snapshot. */
export interface SnapshotSource {
  /** @returns false when there is no process to ask */
  requestSnapshot(id: number): boolean;
}

/**
 * Merges what all router processes report. prom-client's own cluster aggregation fails when one process hangs and forgets
 * a process that ends, so the processes are asked here, and prom-client adds up what they answer.
 */
export class ClusterMetrics {
  readonly #own: () => Promise<RouterSnapshot>;
  readonly #requests: Map<SnapshotSource, PendingRequests<RouterSnapshot>>;
  /** The last snapshot of each process. */
  readonly #latest = new Map<SnapshotSource, RouterSnapshot>();
  /** The sum of the last counts of all processes that have ended. */
  #ended: Promise<RouterSnapshot> = mergeSnapshots([]);

  /**
   * @param own     takes the snapshot of the supervisor
   * @param sources one for each router process of the host, whether it has started or not
   */
  constructor(own: () => Promise<RouterSnapshot>, sources: SnapshotSource[]) {
    this.#own = own;
    this.#requests = new Map(sources.map((one) => [one, new PendingRequests<RouterSnapshot>(snapshotTimeoutMs)]));
  }

  /**
   * Collects a snapshot from every router process. For a process that does not answer in time it uses the last one.
   * @returns the merged snapshot, whose first process is the supervisor
   */
  async collect(): Promise<RouterSnapshot> {
    const asked = [...this.#requests].map(([one, requests]) => requests.request((id) => one.requestSnapshot(id)));
    const [own] = await Promise.all([this.#own(), ...asked]);
    // Both are read without a pause: a process that ends moves from `latest` to `ended`, and must count once.
    const [latest, ended] = [[...this.#latest.values()], this.#ended];
    return mergeSnapshots([own, ...latest, await ended]);
  }

  /** Takes the snapshot with which a process answers a request. */
  receive(source: SnapshotSource, id: number, snapshot: RouterSnapshot): void {
    this.#latest.set(source, snapshot);
    this.#requests.get(source)?.resolve(id, snapshot);
  }

  /** Keeps the counts of a process that has ended; its successor starts at 0. */
  exited(source: SnapshotSource): void {
    this.#requests.get(source)?.cancelAll();
    const latest = this.#latest.get(source);
    this.#latest.delete(source);
    if (latest) this.#ended = this.#ended.then((ended) => mergeSnapshots([ended, endedSnapshot(latest)]));
  }
}
