import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { receiveUpload, UploadRefused } from './upload.ts';

const maxBytes = 10_000;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'upload-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Sends a form as a browser does: a file input without a file sends a part with an empty name. */
function receive({ file = new File([], ''), text = '' }: { file?: File; text?: string }) {
  const form = new FormData();
  form.set('file', file);
  form.set('text', text);
  return receiveBody(form);
}

function receiveBody(body: BodyInit, headers: Record<string, string> = {}) {
  const request = new Request('http://site.test/import', { method: 'POST', body, headers });
  return receiveUpload(request, maxBytes, (part) => join(folder, part));
}

const refused = (fault: string) => (error: unknown) => error instanceof UploadRefused && error.fault === fault;

test('a file is stored byte by byte, with its name', async () => {
  const bytes = Uint8Array.from({ length: 5_000 }, (_, at) => at % 256);
  const { path, fileName } = await receive({ file: new File([bytes], 'C:\\Users\\ana\\Usuários.xlsx') });
  assert.deepEqual(new Uint8Array(readFileSync(path)), bytes);
  assert.equal(fileName, 'Usuários.xlsx');
});

test('a pasted block is stored when there is no file', async () => {
  const { path, fileName } = await receive({ text: 'Ana\tana@example.com' });
  assert.equal(readFileSync(path, 'utf8'), 'Ana\tana@example.com');
  assert.equal(fileName, '');
});

test('a file of exactly the limit is taken, and one more byte is too many', async () => {
  await receive({ file: new File([new Uint8Array(maxBytes - 1)], 'a.csv') });
  await assert.rejects(receive({ file: new File([new Uint8Array(maxBytes + 1)], 'a.csv') }), refused('tooLarge'));
  await assert.rejects(receive({ text: 'x'.repeat(maxBytes + 1) }), refused('tooLarge'));
});

test('a disk that is full is reported after the whole form was read', { timeout: 10_000 }, async () => {
  const form = new FormData();
  form.set('file', new File([new Uint8Array(1_000_000)], 'a.csv'));
  const request = new Request('http://site.test/import', { method: 'POST', body: form });
  await assert.rejects(
    receiveUpload(request, 2_000_000, () => '/dev/full'),
    { code: 'ENOSPC' },
  );
});

test('a form of many parts is refused before its end', { timeout: 10_000 }, async () => {
  const part = '--x\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n';
  let sent = 0;
  const body = new ReadableStream({
    pull(controller) {
      if (++sent === 50_000) controller.close();
      else controller.enqueue(new TextEncoder().encode(part));
    },
  });
  const init = { method: 'POST', body, duplex: 'half', headers: { 'content-type': 'multipart/form-data; boundary=x' } };
  const request = new Request('http://site.test/import', init as RequestInit);
  await assert.rejects(
    receiveUpload(request, maxBytes, (name) => join(folder, name)),
    refused('noForm'),
  );
  assert.ok(sent < 10_000);
});

test('a form without a file and without text is empty', async () => {
  await assert.rejects(receive({}), refused('empty'));
});

test('a file without content is taken, so that its reader can say what is wrong', async () => {
  const { path, fileName } = await receive({ file: new File([], 'people.csv') });
  assert.equal(readFileSync(path).length, 0);
  assert.equal(fileName, 'people.csv');
});

test('a body that is no form, or only the beginning of one, is refused', async () => {
  await assert.rejects(receiveBody('name,email'), refused('noForm'));
  await assert.rejects(receiveBody(new URLSearchParams({ text: 'a' })), refused('noForm'));
  const cut = '--b\r\ncontent-disposition: form-data; name="file"; filename="a.csv"\r\n\r\nname,em';
  await assert.rejects(receiveBody(cut, { 'content-type': 'multipart/form-data; boundary=b' }), refused('noForm'));
});

test('a boundary that is missing, or that is longer than it may be, is no form', async () => {
  for (const type of [
    'multipart/form-data; xboundary=1',
    'multipart/form-data; a="boundary=x"',
    `multipart/form-data; boundary=${'A'.repeat(8_000)}`,
  ]) {
    await assert.rejects(receiveBody('x', { 'content-type': type }), refused('noForm'));
  }
});

test('a disk that takes nothing is an error with its code', async () => {
  const form = new FormData();
  form.set('file', new File(['name,email'], 'a.csv'));
  const request = new Request('http://site.test/import', { method: 'POST', body: form });
  await assert.rejects(
    receiveUpload(request, maxBytes, () => join(folder, 'missing', 'file')),
    ({ code }: NodeJS.ErrnoException) => code === 'ENOENT',
  );
});

test('a client that goes away in the middle of a file is refused, and the file is closed', {
  timeout: 60_000,
}, async () => {
  const head = '--b\r\ncontent-disposition: form-data; name="file"; filename="a.csv"\r\n\r\n';
  const gone = new AbortController();
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(head + 'Ana,ana@example.com\n'.repeat(100)));
    },
    pull: () => gone.abort(),
  });
  const headers = { 'content-type': 'multipart/form-data; boundary=b' };
  const init = { method: 'POST', body, headers, duplex: 'half', signal: gone.signal } as const;
  await assert.rejects(
    receiveUpload(new Request('http://site.test/import', init), maxBytes, (part) => join(folder, part)),
    refused('noForm'),
  );
});
