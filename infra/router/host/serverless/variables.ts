/** Resolves the variables of a serverless.yml: `${self:}`, `${env:}`, `${opt:}`, `${param:}`, `${file()}`. */
import { existsSync } from 'node:fs';
import { extname, relative, resolve } from 'node:path';
import { accountOf } from '../cloudformation/scope.ts';
import { readDocument } from '../description/document.ts';
import type { Notices } from '../description/notices.ts';
import { type Fields, fieldsOf, placeOf, withPlacesOf } from '../description/places.ts';
import { WorkLimit } from '../description/work-limit.ts';
import { type Place, ProjectError, type ReadOptions } from '../project.ts';
import { readText } from '../read-text.ts';
import { type Expression, type Part, parseExpressions, type Source } from './expressions.ts';

/** Sources whose values are in AWS or another account. */
const remoteTypes = ['cf', 'output', 's3', 'ssm', 'state', 'terraform', 'vault', 'doppler'];

/** Resolves values of one service. A value is resolved when somebody asks for it, so that unused faults do no harm. */
export class Variables {
  readonly #root: Fields;
  readonly #folder: string;
  readonly #options: ReadOptions;
  readonly #notices: Notices;
  readonly #files = new Map<string, unknown>();
  /** Addresses and objects that are being resolved, to find cycles. */
  readonly #addresses: string[] = [];
  readonly #objects = new Set<object>();
  readonly #work = new WorkLimit();

  /**
   * @param root    the document of serverless.yml
   * @param folder  absolute path of the service
   * @param options stage, parameters and environment
   * @param notices gets the variables that have no value here
   */
  constructor(root: Fields, folder: string, options: ReadOptions, notices: Notices) {
    this.#root = root;
    this.#folder = folder;
    this.#options = options;
    this.#notices = notices;
  }

  /**
   * @param container object of the document
   * @param key       of a value in it
   * @returns the value with all variables in it resolved; undefined where there is none
   * @throws {ProjectError} for a cycle, a value that stands for too much, a file or a value that is not there
   */
  field(container: Fields, key: string): unknown {
    return this.resolve(container[key], placeOf(container, key));
  }

  /** @returns the value of a key as an object whose own values are still unresolved */
  section(container: Fields, key: string): Fields {
    return fieldsOf(this.shallow(container[key], placeOf(container, key)));
  }

  /** @returns the value with all variables in it resolved */
  resolve(value: unknown, place: Place): unknown {
    this.#work.count(place);
    const found = this.shallow(value, place);
    if (typeof found !== 'object' || found === null) return found;
    if (this.#objects.has(found)) throw new ProjectError('the value contains itself', place);
    this.#objects.add(found);
    const resolved = Array.isArray(found)
      ? found.map((item, index) => this.resolve(item, placeOf(found, index)))
      : Object.fromEntries(Object.entries(found).map(([key, item]) => [key, this.resolve(item, placeOf(found, key))]));
    this.#objects.delete(found);
    return withPlacesOf(found, resolved);
  }

  /** @returns the value with its own variable resolved, but not those inside of an object or a list */
  shallow(value: unknown, place: Place): unknown {
    if (typeof value !== 'string' || !value.includes('${')) return value;
    const parts = parseExpressions(value);
    const [first] = parts;
    if (parts.length === 1 && typeof first === 'object') return this.#evaluate(first, place);
    return this.#text(parts, place);
  }

  /** @returns the stage: the caller's, the description's, or dev */
  stage(place: Place): string {
    if (this.#options.stage !== undefined) return this.#options.stage;
    const provider = this.section(this.#root, 'provider');
    return String(this.#once('self:provider.stage', place, () => this.field(provider, 'stage')) ?? 'dev');
  }

  /** @returns the region: that of the environment, the description's, or us-east-1 */
  region(): string {
    const { AWS_REGION, AWS_DEFAULT_REGION } = this.#options.environment;
    const own = this.field(this.section(this.#root, 'provider'), 'region');
    return AWS_REGION ?? AWS_DEFAULT_REGION ?? (typeof own === 'string' ? own : 'us-east-1');
  }

  /** @returns the account of ARNs, twelve digits */
  account(): string {
    return accountOf(this.#options.environment);
  }

  #text(parts: Part[], place: Place): string {
    const texts = parts.map((part) => (typeof part === 'string' ? part : (this.#evaluate(part, place) ?? '')));
    const object = texts.find((text) => typeof text === 'object');
    if (object !== undefined) throw new ProjectError('a variable inside of a text has an object as its value', place);
    const text = texts.join('');
    this.#work.count(place, text);
    return text;
  }

  #evaluate({ text, sources }: Expression, place: Place): unknown {
    for (const [index, source] of sources.entries()) {
      const value = this.#valueOf(source, place, index < sources.length - 1);
      this.#work.count(place, value);
      if (value !== undefined && value !== null) return value;
      if (source.kind === 'literal') return value;
    }
    const last = sources.at(-1);
    if (last?.kind === 'variable' && last.type === 'file') {
      const path = this.#text(last.parameters, place);
      const isThere = existsSync(resolve(this.#folder, path));
      throw new ProjectError(
        `${text} has no value: ${isThere ? 'the file does not have it' : `there is no file ${path}`}`,
        place,
      );
    }
    const isOptional = sources.every(
      (source) => source.kind === 'variable' && ['env', 'opt', 'param'].includes(source.type),
    );
    if (!isOptional) throw new ProjectError(`${text} has no value`, place);
    const name = sources.at(-1) as Source & { kind: 'variable' };
    const address = this.#text(name.address, place);
    const how = {
      env: `set ${address} in .env`,
      opt: address === 'stage' ? 'give it with --stage' : 'write a fallback',
      param: `give it with --parameter ${address}=VALUE`,
    }[name.type];
    this.#notices.add(place, `${text} has no value: ${how}`);
    return undefined;
  }

  #valueOf(source: Source, place: Place, hasFallback: boolean): unknown {
    if (source.kind === 'literal') return source.value;
    if (source.kind === 'nested') return this.#evaluate(source.expression, place);
    const address = this.#text(source.address, place);
    const { environment, parameters } = this.#options;
    switch (source.type) {
      case 'self':
        return (
          this.#once(`self:${address}`, place, () => this.#at(this.#root, address, place)) ?? this.#default(address)
        );
      case 'env':
        return environment[address];
      case 'opt':
        return address === 'stage' ? this.#options.stage : address === 'region' ? environment.AWS_REGION : undefined;
      case 'param':
        return parameters[address] ?? this.#parameter(address, place);
      case 'sls':
        return address === 'stage' ? this.stage(place) : 'local';
      case 'strToBool':
        return /^(true|1)$/i.test(this.#text(source.parameters, place));
      case 'file':
        return this.#file(this.#text(source.parameters, place), address, place);
      case 'aws':
        return this.#aws(address, place);
      default:
        return this.#foreign(source.type, address, place, hasFallback);
    }
  }

  /** Walks to a value; a step may be a variable itself. */
  #at(start: unknown, address: string, place: Place): unknown {
    let found = start;
    for (const key of address.split('.').filter(Boolean)) {
      const container: unknown = this.shallow(found, place);
      const next = typeof container === 'object' && container !== null && Object.hasOwn(container, key);
      if (!next) return undefined;
      found = this.shallow(Reflect.get(container, key), placeOf(container, key));
    }
    return this.shallow(found, place);
  }

  /** The framework fills in two values of the provider. */
  #default(address: string): string | undefined {
    if (address === 'provider.stage') return this.#options.stage ?? 'dev';
    return address === 'provider.region' ? this.region() : undefined;
  }

  #parameter(name: string, place: Place): unknown {
    const stage = this.stage(place);
    for (const one of [stage, 'default']) {
      for (const address of [`params.${one}.${name}`, `stages.${one}.params.${name}`]) {
        const value = this.#once(`self:${address}`, place, () => this.#at(this.#root, address, place));
        if (value !== undefined && value !== null) return value;
      }
    }
    return undefined;
  }

  #file(path: string, address: string, place: Place): unknown {
    const file = resolve(this.#folder, path);
    const extension = extname(file);
    if (/^\.[cm]?[jt]s$/.test(extension)) {
      this.#notices.add(place, `the host does not run ${path} for its values: write them in YAML or JSON`);
      return undefined;
    }
    if (!existsSync(file)) return undefined;
    const where = `file:${file}:${address}`;
    return this.#once(where, place, () => {
      if (!/^\.(ya?ml|json)$/.test(extension))
        return readText(file, { file: relative(this.#folder, file), line: 1 }).trim();
      if (!this.#files.has(file)) {
        const options = { dialect: 'serverless', notices: this.#notices } as const;
        this.#files.set(file, readDocument(file, this.#folder, options));
      }
      return this.#at(this.#files.get(file), address, { file: relative(this.#folder, file), line: 1 });
    });
  }

  #aws(address: string, place: Place): unknown {
    if (address === 'region') return this.region();
    if (address === 'partition') return 'aws';
    if (address !== 'accountId') return undefined;
    this.#notices.add(place, `\${aws:accountId} is ${this.account()} here`);
    return this.account();
  }

  #foreign(type: string, address: string, place: Place, hasFallback: boolean): unknown {
    const isRemote = remoteTypes.includes(type);
    const why = isRemote
      ? `\${${type}:${address}} is not known here`
      : `the host has no variables of the kind \${${type}:}`;
    const what = hasFallback ? 'the fallback counts' : `the functions get "${address}"`;
    this.#notices.add(place, `${why}; ${what}`);
    return hasFallback ? undefined : address;
  }

  #once<T>(address: string, place: Place, find: () => T): T {
    if (this.#addresses.includes(address)) {
      const circle = [...this.#addresses.slice(this.#addresses.indexOf(address)), address].join(' → ');
      throw new ProjectError(`the variables need each other in a cycle: ${circle}`, place);
    }
    this.#work.checkDepth(this.#addresses.length, place);
    this.#addresses.push(address);
    try {
      return find();
    } finally {
      this.#addresses.pop();
    }
  }
}
