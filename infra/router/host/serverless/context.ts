/** The state that the parts of the reader share while they read one serverless.yml. */
import type { Evaluator } from '../cloudformation/evaluator.ts';
import type { Notices } from '../description/notices.ts';
import type { Fields } from '../description/places.ts';
import type { Routes } from '../description/routes.ts';
import type { ProjectFunction } from '../project.ts';
import type { Variables } from './variables.ts';

/** One service that is being read. */
export interface ServiceContext {
  /** The document of serverless.yml; its variables are unresolved. */
  root: Fields;
  provider: Fields;
  /** Absolute path of the service. */
  folder: string;
  stage: string;
  variables: Variables;
  /** Computes Ref and Fn:: in variables of functions. */
  values: Evaluator;
  notices: Notices;
  routes: Routes;
  /** By their keys in `functions`. */
  functions: Map<string, ProjectFunction>;
}
