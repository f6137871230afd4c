/** GET /import/…/rejected: the rows that an import left out, with their cells as in the file and a column for the reason. */
import { Readable } from 'node:stream';
import type { APIRoute } from 'astro';
import { byteOrderMark, writeCsvLine } from '../../../../lib/csv.ts';
import { groupOf, isRejected, rowText } from '../../../../lib/import-texts.ts';
import { delimiterOf, exportStyle } from '../../../../server/exports/export-style.ts';
import { jobStore } from '../../../../server/import-service.ts';
import type { Job } from '../../../../server/imports/jobs/job.ts';
import { reportRows } from '../../../../server/imports/jobs/report.ts';

export const GET: APIRoute = ({ params, request, locals: { language, t }, rewrite }) => {
  const job = jobStore.get(params.id);
  if (!job || job.state === 'working') return rewrite('/404');
  const delimiter = delimiterOf(exportStyle(language, Object.fromEntries(request.headers)));
  const lines = async function* (found: Job): AsyncGenerator<Uint8Array> {
    const text = new TextEncoder();
    const widen = (cells: string[]) => Array.from({ length: found.columns }, (_, column) => cells[column] ?? '');
    const { headerRow } = found.mapping;
    yield text.encode(byteOrderMark);
    if (headerRow !== undefined) {
      yield text.encode(writeCsvLine([...widen(found.head[headerRow] ?? []), t.importing.reason], delimiter));
    }
    for await (const report of reportRows(jobStore, found)) {
      if (!isRejected(groupOf(report, found))) continue;
      yield text.encode(writeCsvLine([...widen(report.row.cells), rowText(report, found, t)], delimiter));
    }
  };
  return new Response(Readable.toWeb(Readable.from(lines(job))) as ReadableStream, {
    headers: {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="${t.importing.rejectedFile}.csv"`,
    },
  });
};
