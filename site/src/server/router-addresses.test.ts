import assert from 'node:assert/strict';
import type { lookup } from 'node:dns/promises';
import { test } from 'node:test';
import { addressesOf } from './router-addresses.ts';

const addresses: Record<string, { address: string; family: number }[]> = {
  api: [
    { address: '10.0.0.2', family: 4 },
    { address: '10.0.0.3', family: 4 },
    { address: 'fd00::3', family: 6 },
  ],
  six: [
    { address: 'fd00::2', family: 6 },
    { address: 'fd00::3', family: 6 },
  ],
  one: [{ address: '10.0.0.9', family: 4 }],
};
const find = (async (name: string) => {
  const found = addresses[name];
  if (!found) throw new Error('ENOTFOUND');
  return found;
}) as unknown as typeof lookup;
const resolved = async (...urls: string[]) =>
  (
    await addressesOf(
      urls.map((url) => new URL(url)),
      find,
    )
  ).join(' ');

test('a name with several addresses stands for a router at each', async () => {
  assert.equal(await resolved('http://api:3002/x'), 'http://10.0.0.2:3002/x http://10.0.0.3:3002/x');
  assert.equal(
    await resolved('http://one:3002', 'http://six:3003'),
    'http://one:3002/ http://[fd00::2]:3003/ http://[fd00::3]:3003/',
  );
});

test('a name that nobody knows, and one that a certificate has, stay as they are', async () => {
  assert.equal(await resolved('http://nowhere:3002', 'https://api:3002'), 'http://nowhere:3002/ https://api:3002/');
});
