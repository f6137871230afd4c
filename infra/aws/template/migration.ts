/** The custom resource that runs migrations before CloudFormation updates the functions that need them. */
import { attribute, logicalId, type Resource, ref } from './cloudformation.ts';

/** The schema that this program's migrations lead to. */
export interface SchemaIdentity {
  /** Number of migrations. */
  version: number;
  /** SHA-256 of their sources in hexadecimal. A new value makes CloudFormation run the migrations. */
  hash: string;
}

/** How long CloudFormation waits beyond the function's own time-out, for a start and for the way of the answer (s). */
const graceSeconds = 60;

/**
 * @param name of the function that runs the migrations
 * @param timeoutSeconds of this function
 * @param schema that it leads to; its number lets the function recognise a roll-back
 * @returns the resource on which all other functions depend
 */
export function migration(name: string, timeoutSeconds: number, schema: SchemaIdentity): Resource {
  return {
    Type: 'AWS::CloudFormation::CustomResource',
    Properties: {
      ServiceToken: attribute(`${logicalId(name)}Function`, 'Arn'),
      ServiceTimeout: timeoutSeconds + graceSeconds,
      SchemaVersion: schema.version,
      MigrationsHash: schema.hash,
      // Another database has to be migrated, too.
      DatabaseUrl: ref('DatabaseUrl'),
    },
  };
}
