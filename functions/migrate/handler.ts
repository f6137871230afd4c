/** Invoked before the API opens, on AWS by the deployment: brings the database to this program's schema. */
import type { Context } from 'aws-lambda';
import { log } from '#lib/logger.ts';
import { directory } from '#lib/services.ts';

/** @returns the names of the migrations that ran */
export const handler = async (_event: unknown, context: Context): Promise<{ migrated: string[] }> => {
  const migrated = await directory.prepare();
  log.info('Database ready', { migrated: migrated.join(', ') || 'nothing to do' }, context);
  return { migrated };
};
