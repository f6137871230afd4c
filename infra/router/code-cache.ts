/**
 * Runs CommonJS bundles from the code that V8 compiled for them in an earlier process. Node.js has such a cache for every
 * module (NODE_COMPILE_CACHE), yet takes the code before the module has run, when V8 has compiled none of its functions:
 * those that a start calls would be compiled at each start. Why it matters is told in infra/decisions/015-lean-processes.md.
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

/** Checksums of the source and of the code, before the code. */
const headLength = 8;

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
  const script = new Script(`(function (exports, require, module, __filename, __dirname) {\n${source}\n})`, {
    filename: file,
    lineOffset: -1,
    cachedData: readCode(cache, sum),
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  if (script.cachedDataRejected !== false) keepCode(script, cache, sum);
  const require = createRequire(file);
  const module = new Module(file);
  module.filename = file;
  // Said ahead: to modules that require it in a circle Node.js gives one that is not loaded with a warning.
  module.loaded = true;
  require.cache[file] = module;
  script.runInThisContext().call(module.exports, module.exports, require, module, file, dirname(file));
  return module.exports;
}

/** @returns undefined when there is none, or it is another source's, or not whole */
function readCode(cache: string, sum: number): Buffer | undefined {
  try {
    const kept = readFileSync(cache);
    const code = kept.subarray(headLength);
    return kept.readUInt32LE(0) === sum && kept.readUInt32LE(4) === crc32(code) ? code : undefined;
  } catch {
    return undefined;
  }
}

/** Writes a script's code when the start is over, or the process ends before. */
function keepCode(script: Script, cache: string, sum: number): void {
  const write = () => {
    process.off('exit', write);
    clearTimeout(timer);
    try {
      const code = script.createCachedData();
      const head = Buffer.alloc(headLength);
      head.writeUInt32LE(sum, 0);
      head.writeUInt32LE(crc32(code), 4);
      mkdirSync(dirname(cache), { recursive: true });
      // Beside it and renamed: another process may be reading it, or writing it too.
      writeFileSync(`${cache}.${process.pid}`, Buffer.concat([head, code]), { mode: 0o600 });
      renameSync(`${cache}.${process.pid}`, cache);
    } catch {
      // Goes on without: the next start is slower, and right.
    }
  };
  const timer = setTimeout(write, startTime).unref();
  process.on('exit', write);
}
