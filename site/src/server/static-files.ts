/** The built files: found at start, so that no path from outside ever reaches the file system. */
import { createReadStream, existsSync, readdirSync, statSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, relative, sep } from 'node:path';
import { pipeline } from 'node:stream';

const types: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
};

const encodings = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const;

interface Found {
  path: string;
  size: number;
  type: string;
  /** Files with a hash of their content in their name never change. */
  immutable: boolean;
}

export function createStatic(folder: string) {
  const files = new Map<string, Found>();
  if (existsSync(folder)) {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      const address = `/${relative(folder, path).split(sep).join('/')}`;
      const type = types[extname(entry.name.replace(/\.(br|gz)$/, ''))] ?? 'application/octet-stream';
      files.set(address, { path, size: statSync(path).size, type, immutable: address.startsWith('/_astro/') });
    }
  }

  /** Whether the request was for a file, and is being answered. */
  return function serve(request: IncomingMessage, response: ServerResponse, address: string): boolean {
    const plain = files.get(address);
    if (plain === undefined || (request.method !== 'GET' && request.method !== 'HEAD')) return false;
    const accepted = request.headers['accept-encoding'] ?? '';
    const [encoding, ending] =
      encodings.find(([name, end]) => accepted.includes(name) && files.has(address + end)) ?? [];
    const file = (ending && files.get(address + ending)) || plain;
    response.writeHead(200, {
      'content-type': plain.type,
      'content-length': file.size,
      'cache-control': plain.immutable ? 'public, max-age=31536000, immutable' : 'public, max-age=3600',
      vary: 'accept-encoding',
      ...(encoding ? { 'content-encoding': encoding } : {}),
    });
    if (request.method === 'HEAD') response.end();
    else pipeline(createReadStream(file.path), response, () => {});
    return true;
  };
}
