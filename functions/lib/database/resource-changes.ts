/** The changes of one transaction in the table `resources`: by how many items each resource grows. */
export class ResourceChanges {
  #differences = new Map<string, number>();

  /**
   * @param name of the resource
   * @param difference how many items there are more than before; negative for fewer
   */
  record(name: string, difference: number): void {
    this.#differences.set(name, (this.#differences.get(name) ?? 0) + difference);
  }

  /** Runs a write. If it throws, forgets what it has recorded. */
  async undoOnError<T>(write: () => T | Promise<T>): Promise<T> {
    const before = new Map(this.#differences);
    try {
      return await write();
    } catch (error) {
      this.#differences = before;
      throw error;
    }
  }

  /** @returns all changes so far, by the name of their resource, and forgets them */
  take(): [name: string, difference: number][] {
    const changes = [...this.#differences];
    this.#differences.clear();
    return changes;
  }
}
