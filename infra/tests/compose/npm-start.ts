/** Runs `npm start` for a test, as a person does before the directory grows. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A running `npm start`. */
export interface Started {
  /** Path of the SQLite file. */
  file: string;
  /** Presses Ctrl-C, and waits until all processes have ended. */
  interrupt(): Promise<void>;
  /** Ends the processes, if they run, and deletes the file. */
  remove(): void;
}

/**
 * @param env ports of API and site
 * @throws Error with the output when it ends instead of serving
 */
export async function npmStart(env: NodeJS.ProcessEnv): Promise<Started> {
  const folder = mkdtempSync(join(tmpdir(), 'cadastro-start-'));
  const file = join(folder, 'app.db');
  const child = spawn('npm', ['start'], {
    cwd: join(import.meta.dirname, '../../..'),
    env: { ...process.env, ...env, DATABASE_URL: `sqlite:${file}`, SITE_DATA: join(folder, 'site') },
    // A process group of its own gets the signal, as a terminal sends it.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: string[] = [];
  const served = Promise.withResolvers<void>();
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      output.push(line);
      if (line.includes('Ctrl-C stops both')) served.resolve();
    });
  }
  const exited = once(child, 'exit');
  const kill = (signal: NodeJS.Signals) => process.kill(-(child.pid as number), signal);
  const ended = exited.then(() => Promise.reject(new Error(`npm start ended:\n${output.join('\n')}`)));
  ended.catch(() => {});
  await Promise.race([served.promise, ended]);
  return {
    file,
    async interrupt() {
      kill('SIGINT');
      await exited;
    },
    remove() {
      if (child.exitCode === null && child.signalCode === null) kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
