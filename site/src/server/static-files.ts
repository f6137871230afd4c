/** Serves the built files of the site: scripts, styles, the icon and robots.txt. */
import { existsSync, readdirSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, relative, sep } from 'node:path';
import { contentType } from 'mime-types';
import Negotiator from 'negotiator';
import send from 'send';
import { sendText, setSecurityHeaders } from './responses.ts';

/** The build writes these variants beside each file (adapter.mjs). The smaller one comes first. */
const variants = { br: '.br', gzip: '.gz' } as const;
type Encoding = keyof typeof variants;
const encodings = Object.keys(variants) as Encoding[];

const yearMs = 31_536_000_000;
const hourMs = 3_600_000;

/** Answers a request for a file. @returns false if there is no such file */
export type StaticFiles = (request: IncomingMessage, response: ServerResponse, path: string) => boolean;

/**
 * Finds the files of a folder once, so that a request for any other path never reaches the file system.
 * @param folder absolute path of the files that the build made for browsers
 * @returns a function that answers GET and HEAD requests for these files, and returns false for all others
 */
export function createStaticFiles(folder: string): StaticFiles {
  const files = findFiles(folder);

  return function serve(request: IncomingMessage, response: ServerResponse, path: string): boolean {
    const offered = files.get(path);
    if (offered === undefined || (request.method !== 'GET' && request.method !== 'HEAD')) return false;
    const accepted = new Negotiator(request).encodings(offered);
    const encoding = offered.find((name) => accepted.includes(name));
    response.setHeader('content-type', contentType(extname(path)) || 'application/octet-stream');
    response.setHeader('vary', 'accept-encoding');
    if (encoding) response.setHeader('content-encoding', encoding);
    // fetch adds `no-cache` to each conditional request, and send would then answer 200 where RFC 9110 wants 304.
    delete request.headers['cache-control'];
    // Astro puts a hash of the content into the names of these files, so a file never changes under its name.
    const immutable = path.startsWith('/_astro/');
    send(request, encoding ? path + variants[encoding] : path, {
      root: folder,
      index: false,
      immutable,
      maxAge: immutable ? yearMs : hourMs,
    })
      .on('error', (error: Error & { status?: number }) => refuse(response, error.status ?? 500))
      .pipe(response);
    return true;
  };
}

/** @returns the encodings in which each file is there, by the path that a browser asks for */
function findFiles(folder: string): Map<string, Encoding[]> {
  const paths = new Set<string>();
  for (const entry of existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true }) : []) {
    if (!entry.isFile()) continue;
    paths.add(`/${relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/')}`);
  }
  const plain = [...paths].filter((path) => !/\.(br|gz)$/.test(path));
  return new Map(plain.map((path) => [path, encodings.filter((name) => paths.has(path + variants[name]))]));
}

/** Answers 404 for a file that a newer build removed, 412 and 416 for preconditions and ranges that do not fit. */
function refuse(response: ServerResponse, status: number): void {
  const range = response.getHeader('content-range');
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  setSecurityHeaders(response);
  if (status === 416 && range !== undefined) response.setHeader('content-range', range);
  sendText(response, status, 'This file cannot be sent as requested.');
}
