/** The names and facts from which the values of a CloudFormation template are computed. */
import type { Fields } from '../description/places.ts';

/** A resource of a template whose condition holds. */
export interface Resource {
  /** Key in the template's Resources. */
  logicalId: string;
  /** Such as "AWS::Lambda::Function". */
  type: string;
  /** As the template has them: intrinsic functions are not computed yet. */
  properties: Fields;
  metadata: Fields;
  /** The whole resource, for its place. */
  source: Fields;
}

/** A template with the values that a deployment would have. */
export interface Scope {
  /** Values of parameters by name. */
  parameters: Map<string, unknown>;
  /** Names of parameters whose value is the name of a value in AWS. */
  remoteParameters: string[];
  conditions: Fields;
  mappings: Fields;
  resources: Map<string, Resource>;
  /** Whether `resources` has every resource: plugins of the Serverless Framework add some of their own. */
  isComplete: boolean;
  region: string;
  /** Twelve digits. */
  account: string;
  stackName: string;
}

/**
 * @param environment of the host
 * @returns the account that stands in every computed ARN, as in the router's events
 */
export function accountOf(environment: Record<string, string>): string {
  return environment.AWS_ACCOUNT_ID || '000000000000';
}
