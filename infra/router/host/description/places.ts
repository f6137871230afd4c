/** Remembers the line of every value that a description's document holds, so that a message can name its place. */
import type { Place } from '../project.ts';

/** An object of a document. */
export type Fields = Record<string, unknown>;

const own = new WeakMap<object, Place>();
const ofKeys = new WeakMap<object, Map<string, Place>>();

/**
 * @param container object or list of a document
 * @param place     of the container itself
 * @param keys      places of its values by key
 */
export function setPlaces(container: object, place: Place, keys: Map<string, Place> = new Map()): void {
  own.set(container, place);
  ofKeys.set(container, keys);
}

/**
 * Gives a value that was computed from another one the same places.
 * @returns the computed value
 */
export function withPlacesOf<T extends object>(source: object, computed: T): T {
  setPlaces(computed, placeOf(source), ofKeys.get(source));
  return computed;
}

/**
 * @param container object or list of a document
 * @param key       of a value in it; the container's own place without one
 * @returns the place of the value, or the container's place if the value is not in the document
 */
export function placeOf(container: object, key?: string | number): Place {
  const ofKey = key === undefined ? undefined : ofKeys.get(container)?.get(String(key));
  return ofKey ?? own.get(container) ?? { file: '', line: 1 };
}

/** @returns whether the value is an object with keys, and no list */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * @param value what a document holds where an object belongs
 * @returns the object; an empty one for anything else
 */
export function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {};
}

/**
 * @param value what a document holds where a list or one item belongs
 * @returns the list; an empty one where the document holds nothing
 */
export function listOf(value: unknown): unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

/**
 * Merges two objects of documents as SAM's Globals: objects merge key by key, lists add up, other values of the second win.
 * @returns an object whose values keep their places
 */
export function mergeFields(first: Fields, second: Fields): Fields {
  const keys = new Map([...(ofKeys.get(first) ?? []), ...(ofKeys.get(second) ?? [])]);
  const merged: Fields = { ...first };
  for (const [key, value] of Object.entries(second)) {
    const inherited = merged[key];
    if (Array.isArray(inherited) && Array.isArray(value)) {
      merged[key] = withPlacesOf(value, [...inherited, ...value]);
    } else if (isPlain(inherited) && isPlain(value)) {
      merged[key] = mergeFields(inherited, value);
    } else {
      merged[key] = value;
    }
  }
  setPlaces(merged, placeOf(second), keys);
  return merged;
}

/** @returns whether the value is an object that CloudFormation does not compute: {Ref: …} counts as one value */
function isPlain(value: unknown): value is Fields {
  if (!isFields(value)) return false;
  const [key = '', ...others] = Object.keys(value);
  return others.length > 0 || (key !== 'Ref' && !key.startsWith('Fn::'));
}
