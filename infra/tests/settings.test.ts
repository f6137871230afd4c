/** Compares infra/docs/settings.md with the code that reads the settings, and with the files of compose, in both directions. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { readConfig } from '../../functions/lib/config.ts';
import { parseSettings } from '../../site/src/server/parse-settings.ts';
import { parseConfig } from '../router/config.ts';
import { type Environment, namesReadBy, type Parse } from './support/settings.ts';

const root = join(import.meta.dirname, '../..');
/** The files of compose without their comments. */
const compose = [
  'compose.yaml',
  'infra/compose/auth-off.yaml',
  'infra/compose/auth-on.yaml',
  'infra/scale/compose.yaml',
  'infra/scale/tls.yaml',
]
  .map((file) => readFileSync(join(root, file), 'utf8'))
  .join('\n')
  .replaceAll(/^ *#.*$/gm, '');

const parsers: Record<string, Parse> = { router: parseConfig, functions: readConfig, site: parseSettings };

/** Settings that a container does not need: images and compose fix the addresses, and the others are for runs without one. */
const notInCompose = [
  'DATABASE_CA',
  'DATABASE_CA_FILE',
  'DATABASE_PASSWORD',
  'DATABASE_PASSWORD_FILE',
  'DATABASE_URL_FILE',
  'REDIS_URL_FILE',
  'OIDC_CLIENT_SECRET_FILE',
  ...['REDIS_PASSWORD', 'REDIS_SENTINEL_PASSWORD', 'REDIS_CA'].flatMap((name) => [name, `${name}_FILE`]),
  'AWS_LAMBDA_RUNTIME_API',
  'PROJECT_FOLDER',
  'HOSTED_FUNCTIONS',
  'HOST',
  'STATUS_HOST',
  'DIST_FOLDER',
  'INSPECT_FUNCTIONS',
  'RIC_PATH',
  'ROUTER_PROCESS_INDEX',
];

/** A row of a table of settings. */
interface Row {
  name: string;
  /** Undefined for "unset" and for a default that is described in words. */
  fallback: string | undefined;
  isUnset: boolean;
  /** Smallest and largest number, where the row has a range. */
  range: [number, number] | undefined;
  /** Texts that the setting takes, where the row lists them. */
  choices: string[];
}

const codeIn = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, code]) => code as string);

function readRows(): Row[] {
  const document = readFileSync(join(root, 'infra/docs/settings.md'), 'utf8');
  return [...document.matchAll(/^\| `(\w+)` +\| (.+?) +\| (.+?) +\| (.+?) +\|$/gm)].map((cells) => {
    const [, name = '', fallback = '', takes = ''] = cells;
    const [, least, most] = /^`(\d+)` to `(\d+)`$/.exec(takes) ?? [];
    return {
      name,
      fallback: fallback.startsWith('`') ? codeIn(fallback)[0] : undefined,
      isUnset: fallback === 'unset',
      range: least && most ? [Number(least), Number(most)] : undefined,
      choices: /^`\w+`(, `\w+`)+$/.test(takes) ? codeIn(takes) : [],
    };
  });
}

/** CORS settings are read only beside this one. */
const base = (name: string): Environment =>
  name.startsWith('CORS_') && name !== 'CORS_ALLOW_ORIGINS' ? { CORS_ALLOW_ORIGINS: 'https://a.example' } : {};

const rows = readRows();
const byName = new Map(rows.map((row) => [row.name, row]));
const readers = Object.entries(parsers).map(([program, parse]) => ({ program, parse, names: namesReadBy(parse) }));
const composeDefaults = new Map(
  [...compose.matchAll(/\$\{([A-Z_]+):-([^}]*)\}/g)].map(([, name = '', fallback = '']) => [name, fallback]),
);
/** Settings without which compose does not start. */
const required = [...compose.matchAll(/\$\{([A-Z_]+):\?/g)].map(([, name]) => name as string);
const passedOn = [...compose.matchAll(/^ {6}([A-Z_]+):/gm)].map(([, name]) => name as string);

describe('the page of settings', { concurrency: true }, () => {
  it('has a row for every setting that a program or compose reads, and no other row', () => {
    const read = new Set([...readers.flatMap(({ names }) => [...names]), ...composeDefaults.keys(), ...required]);
    assert.deepEqual([...byName.keys()].sort(), [...read].sort());
    assert.equal(rows.length, byName.size, 'a setting has two rows');
  });

  for (const { program, parse, names } of readers) {
    for (const name of names) {
      const row = byName.get(name);
      if (!row) continue;
      const set = (value: string) => () => parse({ ...base(name), [name]: value });

      it(`has the default of ${name} in the ${program}`, () => {
        if (row.fallback === undefined) return;
        assert.deepEqual(set(row.fallback)(), parse(base(name)));
      });

      it(`has the values that ${name} takes in the ${program}`, () => {
        const refuses = (value: string) => assert.throws(set(value), ({ message }: Error) => message.includes(name));
        if (row.range) {
          const [least, most] = row.range;
          for (const value of [least, most]) assert.doesNotThrow(set(String(value)));
          for (const value of [least - 1, most + 1]) refuses(String(value));
        }
        for (const choice of row.choices) assert.doesNotThrow(set(choice));
        if (row.choices.length > 0) refuses('nonsense');
      });
    }
  }

  it('has the defaults of compose', () => {
    for (const [name, fallback] of composeDefaults) {
      // Compose repeats a default of the image, because a variable without a value would remove it.
      const ofImage = readFileSync(join(root, 'infra/router/Dockerfile'), 'utf8').includes(` ${name}=${fallback} `);
      if (!ofImage) assert.equal(byName.get(name)?.fallback, fallback, name);
    }
  });

  it('has no setting that compose forgets to pass on', () => {
    const read = readers.flatMap(({ names }) => [...names]);
    const forgotten = read.filter((name) => !passedOn.includes(name) && !notInCompose.includes(name));
    assert.deepEqual(forgotten, []);
  });
});
