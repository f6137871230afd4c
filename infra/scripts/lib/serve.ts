import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { root, say } from './build.ts';

export interface Served {
  /** Resolves when the program says that it listens. */
  listening: Promise<void>;
  /** Sends a signal. */
  kill(signal: NodeJS.Signals): void;
}

const served = new Set<ReturnType<typeof spawn>>();
let endingSince: number | undefined;

/**
 * Runs one of our servers beside this process: passes its log on, readable on a terminal and as it is elsewhere, and ends
 * everything when one of them ends.
 */
export function serve(name: string, args: string[], env: NodeJS.ProcessEnv): Served {
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  served.add(child);
  const listening = Promise.withResolvers<void>();
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      process.stdout.write(`${process.stdout.isTTY ? readable(name, line) : line}\n`);
      if (/listening at/i.test(line)) listening.resolve();
    });
  }
  child.once('exit', (code) => {
    served.delete(child);
    if (endingSince === undefined) end('SIGTERM', code || 1);
  });
  return { listening: listening.promise, kill: (signal) => child.kill(signal) };
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (endingSince !== undefined) {
      // Ctrl-C reaches us from the terminal and again from npm; a later one means: now.
      if (Date.now() - endingSince > 1000) process.exit(1);
      return;
    }
    say('\nStopping …');
    end('SIGTERM', 0);
  });
}

/** Ends every server, and then this process. */
async function end(signal: NodeJS.Signals, code: number): Promise<void> {
  endingSince = Date.now();
  const exits = [...served].map((child) => once(child, 'exit'));
  for (const child of served) child.kill(signal);
  await Promise.all(exits);
  process.exit(code);
}

const grey = (text: string) => `\x1b[2m${text}\x1b[0m`;

/** A JSON log line as a person would like to read it; any other line as it is. */
function readable(name: string, line: string): string {
  try {
    const { timestamp, level, message, function: source = name, ...fields } = JSON.parse(line);
    const time = String(timestamp).slice(11, 19);
    const text = typeof message === 'string' ? message : JSON.stringify(message);
    return `${grey(time)} ${level} ${source}: ${text} ${grey(JSON.stringify(fields))}`;
  } catch {
    return line;
  }
}
