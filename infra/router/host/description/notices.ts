/** Collects what a description asks for and the host does not do. */
import type { Notice, Place } from '../project.ts';

/** A list of notices, in the order of their discovery, each message once. */
export class Notices {
  readonly #byMessage = new Map<string, Notice>();

  /**
   * @param place   of the value that the notice is about
   * @param message one sentence; a message that is in the list already keeps its first place
   */
  add({ file, line }: Place, message: string): void {
    if (!this.#byMessage.has(message)) this.#byMessage.set(message, { file, line, message });
  }

  /** @returns the notices, sorted by file and line */
  list(): Notice[] {
    return [...this.#byMessage.values()].sort((a, b) =>
      a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1,
    );
  }
}
