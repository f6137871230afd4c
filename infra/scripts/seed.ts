/** `npm run seed -- 10000`: creates plausible users through the API. */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { printableLine } from '../http/printable.ts';
import { progressOf } from './lib/progress.ts';
import { checkReachable, createUsers, SeedError } from './seed/create.ts';
import { people } from './seed/people.ts';

const help = `Creates plausible users through the API, with accents, long names and several scripts.

  npm run seed -- [COUNT] [OPTIONS]

  COUNT              number of users (100)
  --seed N           creates the same users each time; users that exist are counted and stay (random)
  --concurrency N    requests in flight at a time (16)
  --api URL          base URL of the API ($API_URL, or http://127.0.0.1:$PORT, or port 8080)
  --help             this text

With AUTH=on, API_KEY must hold the key of an editor: see npm run keys -- --help
`;

interface Settings {
  count: number;
  seed: number;
  concurrency: number;
  api: string;
}

const settings = parse();
const { count, seed, concurrency, api } = settings;
const stop = new AbortController();
process.once('SIGINT', () => stop.abort());
process.once('SIGTERM', () => stop.abort());

const started = performance.now();
const progress = progressOf(count, 'users');
try {
  await checkReachable(api);
  progress.start();
  const outcome = await createUsers(people(count, seed), {
    api,
    concurrency,
    apiKey: process.env.API_KEY || undefined,
    onProgress: progress.update,
    signal: stop.signal,
  });
  progress.stop();
  const seconds = (performance.now() - started) / 1000;
  const rate = Math.round((outcome.created + outcome.taken) / seconds).toLocaleString('en');
  const already = outcome.taken > 0 ? `, ${outcome.taken.toLocaleString('en')} existed already` : '';
  process.stdout.write(
    `${outcome.created.toLocaleString('en')} users created${already} in ${seconds.toFixed(1)} s (${rate}/s). ` +
      `The same users again: --seed ${seed}\n`,
  );
  if (stop.signal.aborted) process.exitCode = 130;
} catch (error) {
  progress.stop();
  if (!(error instanceof SeedError)) throw error;
  process.stderr.write(`${printableLine(error.message)}\n`);
  process.exitCode = 1;
}

function parse(): Settings {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        seed: { type: 'string' },
        concurrency: { type: 'string' },
        api: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help) {
      process.stdout.write(help);
      process.exit(0);
    }
    if (positionals.length > 1) throw new Error(`There are ${positionals.length} COUNTs; give one`);
    return {
      count: whole('COUNT', positionals[0], 100, 1, 10_000_000),
      seed: whole('--seed', values.seed, randomInt(2 ** 32), 0, 2 ** 32 - 1),
      concurrency: whole('--concurrency', values.concurrency, 16, 1, 1000),
      api: address(values.api ?? (process.env.API_URL || `http://127.0.0.1:${process.env.PORT || 8080}`)),
    };
  } catch (error) {
    process.stderr.write(`${printableLine((error as Error).message)}. See npm run seed -- --help\n`);
    process.exit(2);
  }
}

function whole(name: string, text: string | undefined, fallback: number, min: number, max: number): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw new Error(`${name} is "${text}": it needs a whole number from ${min} to ${max}`);
}

function address(text: string): string {
  if (/^https?:\/\//.test(text) && URL.canParse(text)) return text;
  throw new Error(`The API's address is "${text}": it needs the form http://HOST:PORT`);
}
