/** GET /import/…/progress: how far an import is, for the progress bar of open pages. */
import type { APIRoute } from 'astro';
import type { ImportProgressState } from '../../../../islands/ImportProgress.tsx';
import { progressText } from '../../../../lib/import-texts.ts';
import { jobFor } from '../../../../server/import-pages.ts';
import { jobRunner } from '../../../../server/import-service.ts';

export const GET: APIRoute = ({ params, locals: { t, person } }) => {
  const job = jobFor(params.id, person);
  if (!job) return Response.json(null, { status: 404 });
  const progress: ImportProgressState = {
    done: job.finished,
    total: job.total,
    text: progressText(job, jobRunner.waitsUntil(job), t),
    hasEnded: job.state !== 'working',
  };
  return Response.json(progress);
};
