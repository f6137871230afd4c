/**
 * The function _migrate_ on AWS (dist/aws/migrate.cjs): a custom resource that brings the database to this program's schema
 * before CloudFormation updates the functions that need it.
 */
import type { CloudFormationCustomResourceUpdateEvent, Context } from 'aws-lambda';
import { customResource } from './custom-resource.ts';

export const handler = customResource({
  async apply(event, context: Context) {
    // The import opens the database. Its failure has to reach CloudFormation, which would wait for an answer otherwise.
    const migrate = await import('../../../functions/migrate/handler.ts');
    const { migrated } = await migrate.handler(event, context);
    return migrated.length > 0 ? `Ran ${migrated.join(', ')}` : 'The database has the schema already';
  },
  isRollback,
});

/**
 * A failed deployment goes back to the previous program, with an Update in the other direction. Migrations go forward only:
 * the previous program would refuse the database, and the stack could not go back.
 */
function isRollback({
  ResourceProperties: now,
  OldResourceProperties: before,
}: CloudFormationCustomResourceUpdateEvent) {
  return now.DatabaseUrl === before.DatabaseUrl && Number(now.SchemaVersion) < Number(before.SchemaVersion);
}
