/** Bounds the work of values that refer to each other: a few lines that double themselves stand for billions of values. */
import { type Place, ProjectError } from '../project.ts';

const maxValues = 4_000_000;
/** A value counts once more for each so many characters. */
const charactersOfValue = 16;
const maxDepth = 500;

/** Counts the values that one description makes while it is read. */
export class WorkLimit {
  #values = 0;
  /** Names the first value too many, also for all later ones. */
  #error: ProjectError | undefined;

  /**
   * Counts a value.
   * @param place of the value, or a function that finds it
   * @param text of the value; omitted for anything else
   * @throws {ProjectError} when all of them are more than a description can need
   */
  count(place: Place | (() => Place), text: unknown = undefined): void {
    this.#values += 1 + (typeof text === 'string' ? text.length / charactersOfValue : 0);
    if (this.#values <= maxValues) return;
    const message = 'the values that refer to each other stand for too many others: does one double itself?';
    this.#error ??= new ProjectError(message, typeof place === 'function' ? place() : place);
    throw this.#error;
  }

  /**
   * @param depth how many values need the next one
   * @throws {ProjectError} when they are so many that the stack could overflow
   */
  checkDepth(depth: number, place: Place): void {
    if (depth >= maxDepth) throw new ProjectError(`more than ${maxDepth} values need each other in a chain`, place);
  }
}
