/** Brings the database to this program's schema, and makes the key of the site. The router invokes it before the API opens; on AWS, the deployment does. */
import type { Context } from 'aws-lambda';
import { prepareSiteKey } from '#lib/accounts/site-key.ts';
import { log } from '#lib/logger.ts';
import { config, dataAccess } from '#lib/services.ts';

/** @returns the names of the migrations that ran */
export const handler = async (_event: unknown, context: Context): Promise<{ migrated: string[] }> => {
  const migrated = await dataAccess.prepare();
  log.info('Database ready', { migrated: migrated.join(', ') || 'nothing to do' }, context);
  if (config.siteKeyFile !== undefined) await makeSiteKey(config.siteKeyFile, context);
  return { migrated };
};

/** The site works without the key, but for live updates: the API starts all the same. */
async function makeSiteKey(file: string, context: Context): Promise<void> {
  try {
    const isNew = await prepareSiteKey(dataAccess.database, file, Date.now());
    if (isNew) log.info('Key of the site made', {}, context);
  } catch (error) {
    log.error('The key of the site could not be made', { error: error as Error }, context);
  }
}
