/** The functions that a project asks for, in one shape for every kind of description: a folder, SAM, CDK, Serverless Framework. */
import type { AuthorizerSettings } from '../gateway/authorizers/authorizer-settings.ts';

/** A project whose functions the host serves. */
export interface Project {
  /** Absolute path of the folder that relative paths in the description start from. */
  folder: string;
  /** The region that the description names; undefined where it names none. */
  region?: string | undefined;
  functions: ProjectFunction[];
  /** Every request of the description that the host does not fulfil. */
  notices: Notice[];
}

/** A line of the project's description. */
export interface Place {
  /** Relative to the project's folder. */
  file: string;
  /** Counted from 1. */
  line: number;
}

/** One sentence about a place in the project's description. */
export interface Notice extends Place {
  message: string;
}

/** The choices of the host's caller, beside the description. */
export interface ReadOptions {
  /** Values of the description's parameters, by name. */
  parameters: Record<string, string>;
  /** Stage that the caller asks for; undefined leaves it to the description. */
  stage: string | undefined;
  /** The host's own environment, with the variables of .env. */
  environment: Record<string, string>;
}

/**
 * Reads a project's description.
 * @param path absolute path of the description: a folder or a file
 * @throws {ProjectError} when the description can't be read at all
 */
export type ReadProject = (path: string, options: ReadOptions) => Promise<Project>;

/** The description can't be read at all. The host prints the message with its place in one line and exits with 2. */
export class ProjectError extends Error {
  override name = 'ProjectError';
  readonly place: Place;

  constructor(message: string, place: Place) {
    super(message);
    this.place = place;
  }
}

/** One function as its description states it, before it is built. */
export interface ProjectFunction {
  /** 1 to 64 letters, digits, - and _. */
  name: string;
  /** Where the description states the function; messages about it name this line. */
  place: Place;
  /** Absolute path of the folder that Lambda would unpack at LAMBDA_TASK_ROOT. */
  codeFolder: string;
  /** "path/file.export" below the code folder, without the file's extension, as in Lambda's configuration. */
  handler: string;
  /** "bundle": esbuild bundles the handler with what it imports. "as-is": the code folder runs unchanged. "auto": TypeScript is bundled, JavaScript runs unchanged. */
  packaging: 'auto' | 'bundle' | 'as-is';
  /** esbuild's options that the description sets: `external`, `loader`, `define`, `format`, `target`, `mainFields`, `banner`, `minify`, `sourcemap`, … */
  buildOptions: Record<string, unknown>;
  /** Absolute paths of the folders of its layers, in order. */
  layers: string[];
  /** Settings with the names of function.json: timeout, memorySize, runtime, reservedConcurrentExecutions, throttling, … */
  settings: Record<string, unknown>;
  /** Its routes, beside those of `settings.route`. */
  routes: RouteSettings[];
  /** Variables with their values. */
  variables: Record<string, string>;
  /** Its schedules, beside those of `settings.schedules`. */
  schedules: ScheduleSettings[];
  /** Why the function can't run. The host serves the other functions. */
  fault: Notice | undefined;
}

/** One schedule, as an item of `schedules` in function.json. */
export interface ScheduleSettings {
  name: string;
  /** Such as "rate(5 minutes)". */
  expression: string;
  service?: 'scheduler';
  /** Of a schedule of Scheduler. */
  timezone?: string;
  /** JSON value that replaces the event. */
  input?: unknown;
}

/** How an API answers pages of other origins, as `cors` of a route in function.json. */
export interface CorsSettings {
  allowOrigins: string[];
  allowMethods?: string[];
  allowHeaders?: string[];
  exposeHeaders?: string[];
  /** Seconds. */
  maxAge?: number;
  allowCredentials?: boolean;
}

/** One route, as an item of `route` in function.json. */
export interface RouteSettings {
  /** Such as "GET /users/{id}", "ANY /{proxy+}" or "$default". */
  key: string;
  /** "http": HTTP API. "rest": REST API. "url": Function URL, whose key is "$default". */
  api: 'http' | 'rest' | 'url';
  /** A REST API answers with and without this first segment; "$default" for HTTP APIs. */
  stage: string;
  payloadFormatVersion: '1.0' | '2.0';
  /** Undefined for a route that everybody may call. */
  authorizer: AuthorizerSettings | undefined;
  /** Undefined for a route whose API does not name other origins. */
  cors?: CorsSettings | undefined;
}
