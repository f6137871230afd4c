/** Reads that leave as one command, which costs little more than a read alone. */
export class ReadBatch {
  #reads = new Map<string, PromiseWithResolvers<string | null>>();

  /** @returns what the command that leaves next reads there */
  add(key: string): Promise<string | null> {
    let read = this.#reads.get(key);
    if (read === undefined) {
      read = Promise.withResolvers();
      this.#reads.set(key, read);
    }
    return read.promise;
  }

  /** @param ask reads the keys, in their order */
  send(ask: (keys: string[]) => Promise<(string | null)[]>): void {
    if (this.#reads.size === 0) return;
    const reads = this.#reads;
    this.#reads = new Map();
    ask([...reads.keys()]).then(
      (values) => {
        let index = 0;
        for (const { resolve } of reads.values()) resolve(values[index++] ?? null);
      },
      (error) => {
        for (const { reject } of reads.values()) reject(error);
      },
    );
  }
}
