import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unzipSync, Zip } from 'fflate';
import { DeflatedPart } from './deflated-part.ts';

test('other work goes on while a part is compressed, and the part comes back as it was', async () => {
  const chunks: Uint8Array[] = [];
  const zip = new Zip((error, chunk) => {
    if (error) throw error;
    chunks.push(chunk);
  });
  const text = Array.from({ length: 200_000 }, (_, at) => `${at * at} é\n`).join('');
  const part = new DeflatedPart('a.txt');
  zip.add(part);
  let turns = 0;
  let isDone = false;
  const countTurns = () => {
    turns++;
    if (!isDone) setImmediate(countTurns);
  };
  setImmediate(countTurns);
  await part.write(text);
  isDone = true;
  assert.ok(turns > 1, `the event loop turned ${turns} times`);
  await part.end('end');
  zip.end();
  const { 'a.txt': back } = unzipSync(Buffer.concat(chunks));
  assert.equal(Buffer.from(back as Uint8Array).toString(), `${text}end`);
});
