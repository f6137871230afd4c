import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { type ImportRow, type Job, noCounts } from '../imports/jobs/job.ts';
import { JobStore } from '../imports/jobs/job-store.ts';
import { exportRejected } from './export-rejected.ts';

let dataFolder: string;
let store: JobStore;
let server: Server;
let port: number;
/** Whether each answer was the download. */
let answers: Promise<boolean>[];

beforeEach(async () => {
  dataFolder = mkdtempSync(join(tmpdir(), 'export-rejected-'));
  store = new JobStore({ dataFolder, maxImports: 2, maxDrafts: 2, importDays: 7 });
  answers = [];
  server = createServer((request, response) => {
    const answer = exportRejected(store, request, response, request.url ?? '', undefined);
    answers.push(answer);
    void answer.then((isDownload) => isDownload || response.writeHead(404).end());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});
afterEach(() => {
  server.close();
  rmSync(dataFolder, { recursive: true });
});

/** Stores a checked job whose rows all have faults. */
async function add(rows: Pick<ImportRow, 'cells'>[], values: Partial<Job> = {}): Promise<Job> {
  const job: Job = {
    id: await store.makeFolder(),
    createdAt: new Date().toISOString(),
    fileName: 'people.csv',
    sheets: [],
    mapping: { headerRow: 0, columns: ['name', 'email'], isConfident: true },
    head: [{ line: 1, cells: ['Name', 'E-mail', 'Town'] }],
    columns: 3,
    emailColumns: [1],
    rows: rows.length,
    step: 'check',
    state: 'done',
    updates: false,
    ...structuredClone(noCounts),
    finished: rows.length,
    total: rows.length,
    uncertain: 0,
    seen: false,
    ...values,
  };
  await store.add(job);
  const row = { line: 2, name: '', email: 'a', emailFault: 'email' } as const;
  await store.rows(job.id).append(rows.map(({ cells }) => ({ ...row, cells })));
  await store.checkResults(job.id).append(rows.map(() => ({ kind: 'faulty' })));
  return job;
}

test('the file has the cells as they were, and the reason in the language of the address', async () => {
  const { id } = await add([{ cells: ['Zoë', '=1+1'] }]);
  const response = await fetch(`http://127.0.0.1:${port}/pt-br/import/${id}/rejected`);
  const [titles, row, end] = (await response.text()).replace('\ufeff', '').split('\r\n');
  assert.match(titles ?? '', /^Name;E-mail;Town;Motivo$/);
  assert.match(row ?? '', /^Zoë;'=1\+1;;.*e-mail/);
  assert.equal(end, '');
});

test('a job that is unknown or at work has no file', async () => {
  const { id } = await add([], { state: 'working' });
  for (const path of [`/import/${id}/rejected`, `/import/${'a'.repeat(22)}/rejected`, `/xx/import/${id}/rejected`]) {
    assert.equal((await fetch(`http://127.0.0.1:${port}${path}`)).status, 404, path);
  }
});

test('a reader that stops reading holds a part of the file in memory only', async (t) => {
  const cells = ['x'.repeat(1_000_000)];
  const { id } = await add(Array.from({ length: 50 }, () => ({ cells })));
  const socket = connect(port, '127.0.0.1');
  t.after(() => socket.destroy());
  const [response] = await Promise.all([
    once(server, 'request').then(([, each]) => each),
    socket.write(`GET /import/${id}/rejected HTTP/1.1\r\nHost: localhost\r\n\r\n`),
  ]);
  socket.pause();
  while (!response.writableNeedDrain) await new Promise(setImmediate);
  for (let turn = 0; turn < 1000; turn++) await new Promise(setImmediate);
  assert.ok(response.writableLength < 5_000_000, `${response.writableLength} bytes`);
  socket.destroy();
  assert.deepEqual(await Promise.all(answers), [true]);
});
