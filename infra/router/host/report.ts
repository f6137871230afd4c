/** Prints the host's lines about a project. */
import { printableLine } from '../../http/printable.ts';
import type { HostedFunction } from './write-manifest.ts';

/** Prints one line of progress on stderr, because stdout is for the log of the functions. */
export function say(message: string): void {
  process.stderr.write(`${printableLine(message)}\n`);
}

/**
 * Lists routes, schedules and functions, one line each.
 * @param showPath shortens an absolute path
 */
export function routeTable(functions: HostedFunction[], showPath: (path: string) => string): string[] {
  const rows = functions.flatMap(({ build, configuration }) => {
    const { codeFolder, handler } = build.definition;
    const source = `${showPath(codeFolder)}: ${handler}`;
    const state = build.faults.length > 0 ? '  FAILED' : '';
    const keys = configuration.routes.map(({ key, api, stage }) => {
      if (api === 'url') return `function URL at /${configuration.name}/`;
      return stage === '$default' ? key : `${key} (also below /${stage})`;
    });
    keys.push(...configuration.schedules.map(({ expression }) => `schedule ${expression}`));
    if (keys.length === 0) keys.push('(no route)');
    return keys.map((key) => [key, configuration.name, source + state]);
  });
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => `  ${row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('  ')}`);
}
