/**
 * Runs a CommonJS bundle from the code that V8 compiled for it in an earlier process. The router and the runtime client use
 * it.
 *
 * Node.js has such a cache for every module (module.enableCompileCache), but creates the code when a module loads, before
 * V8 has compiled any function of it. A start would compile again every function that it calls. This cache creates the code
 * after the start.
 * @see infra/docs/decisions/015-lean-processes.md
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire, Module } from 'node:module';
import { dirname, join } from 'node:path';
import { compileFunction, constants, Script } from 'node:vm';
import { crc32 } from 'node:zlib';

/** A cache file is the CRC-32 of the source, the CRC-32 of the code (u32, little endian), and the code. */
const headerBytes = 8;

/** A module, and the means to start its next process faster. */
export interface CachedModule {
  exports: unknown;
  /**
   * Writes the code of all functions that V8 has compiled so far. Does nothing when this process took its code from the
   * cache, and from the second call on.
   */
  saveCode(): void;
}

/**
 * Loads a CommonJS module as `require` would.
 * @param file   absolute path
 * @param folder folder of the cache, created when it is first needed. Without permission to write, no code is kept
 * @throws what the module throws
 */
export function requireCached(file: string, folder: string): CachedModule {
  const source = readFileSync(file);
  const sourceChecksum = crc32(source);
  const cacheFile = join(folder, `${crc32(file).toString(16)}.code`);
  const script = compile(source, file, readCode(cacheFile, sourceChecksum));
  // V8 sets the property when it was given code: true for code of another version or other flags.
  let saved = script.cachedDataRejected === false;
  const require = createRequire(file);
  const module = new Module(file);
  module.filename = file;
  // Set `loaded` before the module runs. Otherwise a circular require prints a warning.
  module.loaded = true;
  require.cache[file] = module;
  script.runInThisContext().call(module.exports, module.exports, require, module, file, dirname(file));
  return {
    exports: module.exports,
    saveCode() {
      if (!saved) writeCode(cacheFile, sourceChecksum, script.createCachedData());
      saved = true;
    },
  };
}

const parameters = ['exports', 'require', 'module', '__filename', '__dirname'];

/** @throws SyntaxError as `require` throws it */
function compile(source: Buffer, filename: string, cachedData: Buffer | undefined): Script {
  try {
    return new Script(`(function (${parameters.join(', ')}) {\n${source}\n})`, {
      filename,
      lineOffset: -1,
      cachedData,
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    });
  } catch (error) {
    // The message names the wrong place where the lines around the source hide its end.
    compileFunction(source.toString(), parameters, { filename });
    throw error;
  }
}

/** @returns undefined when there is no code, or it is another source's, or damaged */
function readCode(cacheFile: string, sourceChecksum: number): Buffer | undefined {
  try {
    const content = readFileSync(cacheFile);
    const code = content.subarray(headerBytes);
    const intact = content.readUInt32LE(0) === sourceChecksum && content.readUInt32LE(4) === crc32(code);
    return intact ? code : undefined;
  } catch {
    return undefined;
  }
}

/** Writes a temporary file and renames it, because another process may read or write the same code. */
function writeCode(cacheFile: string, sourceChecksum: number, code: Buffer): void {
  const header = Buffer.alloc(headerBytes);
  header.writeUInt32LE(sourceChecksum, 0);
  header.writeUInt32LE(crc32(code), 4);
  const temporary = `${cacheFile}.${process.pid}`;
  try {
    mkdirSync(dirname(cacheFile), { recursive: true });
    writeFileSync(temporary, Buffer.concat([header, code]), { mode: 0o600 });
    renameSync(temporary, cacheFile);
  } catch {
    // The next start is slower. Nothing else depends on the file.
  }
}
