/** Brings the database to this program's schema. The router invokes it before the API opens; on AWS, the deployment does. */
import type { Context } from 'aws-lambda';
import { log } from '#lib/logger.ts';
import { dataAccess } from '#lib/services.ts';

/** @returns the names of the migrations that ran */
export const handler = async (_event: unknown, context: Context): Promise<{ migrated: string[] }> => {
  const migrated = await dataAccess.prepare();
  log.info('Database ready', { migrated: migrated.join(', ') || 'nothing to do' }, context);
  return { migrated };
};
