/** Reads a YAML or JSON document into plain values, with the line of each. */
import { relative } from 'node:path';
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type Scalar,
} from 'yaml';
import { type Place, ProjectError } from '../project.ts';
import { readText } from '../read-text.ts';
import type { Notices } from './notices.ts';
import { setPlaces } from './places.ts';

/** The dialect of a document: CloudFormation has tags such as !Ref, and reads yes, no, on and off as booleans (YAML 1.1). */
type Dialect = 'cloudformation' | 'serverless';

/** How a document is read. */
export interface DocumentOptions {
  dialect: Dialect;
  /** Gets a line for a key that a template has twice: CloudFormation takes the second one. */
  notices: Notices;
}

/**
 * Reads a document. Tags of CloudFormation become the objects that they abbreviate: `!Sub x` is `{"Fn::Sub": "x"}`.
 * @param file    absolute path
 * @param folder  absolute path of the project's folder, to which the places are relative
 * @param options see DocumentOptions
 * @returns objects, lists and scalars; their places are with placeOf()
 * @throws {ProjectError} for a file that can't be read, or is not YAML
 */
export function readDocument(file: string, folder: string, options: DocumentOptions): unknown {
  const name = relative(folder, file);
  return parseText(readText(file, { file: name, line: 1 }), name, options);
}

/**
 * Reads a document's text.
 * @param text    YAML or JSON
 * @param file    name for places and messages, relative to the project's folder
 * @param options as for readDocument()
 * @returns as readDocument()
 * @throws {ProjectError} for text that is not YAML, has a key twice, or contains itself through an anchor
 */
function parseText(text: string, file: string, options: DocumentOptions): unknown {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, {
    lineCounter,
    merge: true,
    prettyErrors: false,
    logLevel: 'silent',
    uniqueKeys: options.dialect === 'serverless',
  });
  const place = (offset: number): Place => ({ file, line: Math.max(1, lineCounter.linePos(offset).line) });
  const [error] = document.errors;
  if (error) throw new ProjectError(`the YAML is invalid: ${error.message}`, place(error.pos[0]));
  return new DocumentReader(document, options, place).read(document.contents);
}

/** How many values a document may have with all its anchors repeated. A few lines of anchors can stand for billions. */
const maxValues = 1_000_000;

/** Converts the nodes of one document. */
class DocumentReader {
  readonly #converted = new Map<Node, unknown>();
  /** How many values each converted node contains, with itself. */
  readonly #sizes = new Map<Node, number>();
  #values = 0;
  readonly #open = new Set<Node>();
  readonly #document: Document;
  readonly #options: DocumentOptions;
  readonly #place: (offset: number) => Place;

  constructor(document: Document, options: DocumentOptions, place: (offset: number) => Place) {
    this.#document = document;
    this.#options = options;
    this.#place = place;
  }

  read(node: unknown): unknown {
    if (isAlias(node)) return this.read(node.resolve(this.#document));
    if (!isScalar(node) && !isMap(node) && !isSeq(node)) return null;
    if (this.#open.has(node))
      throw new ProjectError('the value contains itself through an anchor', this.#placeOf(node));
    const before = this.#values;
    this.#values += this.#sizes.get(node) ?? 1;
    if (this.#values > maxValues)
      throw new ProjectError('anchors repeat more than a million values', this.#placeOf(node));
    if (this.#converted.has(node)) return this.#converted.get(node);
    this.#open.add(node);
    const value = this.#tagged(node);
    this.#open.delete(node);
    this.#converted.set(node, value);
    this.#sizes.set(node, this.#values - before);
    return value;
  }

  /** Turns `!Name value` into `{"Fn::Name": value}`; tags of YAML itself, such as !!str, have done their work. */
  #tagged(node: Scalar | Node): unknown {
    const value = isScalar(node) ? this.#scalar(node) : this.#collection(node);
    const { tag } = node as Scalar;
    if (!tag?.startsWith('!')) return value;
    const name = tag.slice(1);
    const key = name === 'Ref' || name === 'Condition' ? name : `Fn::${name}`;
    const attribute = name === 'GetAtt' && typeof value === 'string' ? splitOnce(value, '.') : value;
    const wrapped = { [key]: attribute };
    setPlaces(wrapped, this.#placeOf(node), new Map([[key, this.#placeOf(node)]]));
    return wrapped;
  }

  #collection(node: Node): unknown {
    const places = new Map<string, Place>();
    if (isSeq(node)) {
      const list = node.items.map((item, index) => {
        places.set(String(index), this.#placeOf(item));
        return this.read(item);
      });
      setPlaces(list, this.#placeOf(node), places);
      return list;
    }
    const entries: [string, unknown][] = [];
    for (const { key, value } of isMap(node) ? node.items : []) {
      const name = isScalar(key)
        ? typeof key.value === 'string'
          ? key.value
          : (key.source ?? String(key.value))
        : String(key);
      if (name === '<<' && isScalar(key) && key.type === 'PLAIN') {
        for (const merged of isSeq(this.#resolved(value)) ? (this.read(value) as unknown[]) : [this.read(value)]) {
          entries.unshift(...Object.entries((merged ?? {}) as object));
        }
        continue;
      }
      if (places.has(name)) {
        this.#options.notices.add(this.#placeOf(key), `the key "${name}" is there twice: the second one counts`);
      }
      places.set(name, this.#placeOf(key));
      entries.push([name, this.read(value)]);
    }
    const fields = Object.fromEntries(entries);
    setPlaces(fields, this.#placeOf(node), places);
    return fields;
  }

  #resolved(node: unknown): unknown {
    return isAlias(node) ? node.resolve(this.#document) : node;
  }

  /** A number that would lose digits, such as the account 012345678901, stays text. */
  #scalar({ value, source, type }: Scalar): unknown {
    if (typeof value === 'number' && source !== undefined) {
      return /^[-+]?0\d/.test(source) || (Number.isInteger(value) && !Number.isSafeInteger(value)) ? source : value;
    }
    if (this.#options.dialect === 'cloudformation' && type === 'PLAIN' && typeof value === 'string') {
      if (/^(yes|Yes|YES|on|On|ON)$/.test(value)) return true;
      if (/^(no|No|NO|off|Off|OFF)$/.test(value)) return false;
    }
    return value;
  }

  #placeOf(node: unknown): Place {
    return this.#place((node as Node | null)?.range?.[0] ?? 0);
  }
}

/** @returns the parts before and after the first separator; one part without it */
function splitOnce(text: string, separator: string): string[] {
  const index = text.indexOf(separator);
  return index === -1 ? [text] : [text.slice(0, index), text.slice(index + separator.length)];
}
