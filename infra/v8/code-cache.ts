/**
 * Runs CommonJS bundles from the code that V8 compiled for them in an earlier process. Node.js has such a cache for every
 * module (NODE_COMPILE_CACHE), yet takes the code before the module has run, when V8 has compiled none of its functions:
 * those that a start calls would be compiled at each start. Why it matters is told in infra/docs/decisions/015-lean-processes.md.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire, Module } from 'node:module';
import { dirname, join } from 'node:path';
import { constants, Script } from 'node:vm';
import { crc32 } from 'node:zlib';

/**
 * Milliseconds in which a process has called most of what it calls. It is less than garbage.ts waits before it sets V8's
 * flags: V8 takes code only from a process of the same flags.
 */
const startTime = 1000;

/** Before the code: checksums of the source and of the code, and whether it was taken after a whole start. */
const headLength = 16;

interface Kept {
  code: Buffer;
  /** Otherwise its process ended too soon for all of it to be there. */
  whole: boolean;
}

/**
 * Loads a CommonJS module, as `require` would.
 * @param file   absolute path
 * @param folder of the cache; it is made when it is first needed, and where it can't be written there is no cache
 * @returns its exports
 * @throws what the module throws
 */
export function requireCached(file: string, folder: string): unknown {
  const source = readFileSync(file);
  const sum = crc32(source);
  const cache = join(folder, `${crc32(file).toString(16)}.code`);
  const kept = readCode(cache, sum);
  const script = new Script(`(function (exports, require, module, __filename, __dirname) {\n${source}\n})`, {
    filename: file,
    lineOffset: -1,
    cachedData: kept?.code,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  const require = createRequire(file);
  const module = new Module(file);
  module.filename = file;
  // Said ahead: to modules that require it in a circle Node.js gives one that is not loaded with a warning.
  module.loaded = true;
  require.cache[file] = module;
  script.runInThisContext().call(module.exports, module.exports, require, module, file, dirname(file));
  const taken = kept !== undefined && !script.cachedDataRejected;
  if (!taken || !kept.whole) keepCode(script, cache, sum, !taken);
  return module.exports;
}

/** @returns undefined when there is none, or it is another source's, or damaged */
function readCode(cache: string, sum: number): Kept | undefined {
  try {
    const file = readFileSync(cache);
    const code = file.subarray(headLength);
    if (file.readUInt32LE(0) !== sum || file.readUInt32LE(4) !== crc32(code)) return undefined;
    return { code, whole: file.readUInt32LE(8) === 1 };
  } catch {
    return undefined;
  }
}

/**
 * Writes a script's code when the start is over.
 * @param early or when the process ends before
 */
function keepCode(script: Script, cache: string, sum: number, early: boolean): void {
  const write = (whole: boolean) => {
    process.off('exit', onExit);
    try {
      const code = script.createCachedData();
      const head = Buffer.alloc(headLength);
      head.writeUInt32LE(sum, 0);
      head.writeUInt32LE(crc32(code), 4);
      head.writeUInt32LE(whole ? 1 : 0, 8);
      mkdirSync(dirname(cache), { recursive: true });
      // Beside it and renamed: another process may be reading it, or writing it too.
      const temporary = `${cache}.${process.pid}`;
      writeFileSync(temporary, Buffer.concat([head, code]), { mode: 0o600 });
      renameSync(temporary, cache);
    } catch {
      // Goes on without: the next start is slower, and right.
    }
  };
  const onExit = () => write(false);
  setTimeout(() => write(true), startTime).unref();
  if (early) process.on('exit', onExit);
}
