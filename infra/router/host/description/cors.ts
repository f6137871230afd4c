/** Reads how the APIs of descriptions answer pages of other origins. */
import { methods } from '../../gateway/route-tree.ts';
import type { CorsSettings } from '../project.ts';
import { type Fields, isFields, listOf } from './places.ts';

/** The words of CloudFormation for HTTP APIs and function URLs. */
const awsNames = {
  allowOrigins: ['AllowOrigins'],
  allowMethods: ['AllowMethods'],
  allowHeaders: ['AllowHeaders'],
  exposeHeaders: ['ExposeHeaders'],
  maxAge: 'MaxAge',
  allowCredentials: 'AllowCredentials',
};

/** The words of SAM for REST APIs. */
const samRestNames = { ...awsNames, allowOrigins: ['AllowOrigin'] };

/** The words of the Serverless Framework; events of the type http have their own ones. */
const serverlessNames = {
  allowOrigins: ['allowedOrigins', 'origins', 'origin'],
  allowMethods: ['allowedMethods', 'methods'],
  allowHeaders: ['allowedHeaders', 'headers'],
  exposeHeaders: ['exposedResponseHeaders'],
  maxAge: 'maxAge',
  allowCredentials: 'allowCredentials',
};

/** Headers that the Serverless Framework allows without a setting. */
const serverlessHeaders = [
  'Content-Type',
  'X-Amz-Date',
  'Authorization',
  'X-Api-Key',
  'X-Amz-Security-Token',
  'X-Amz-User-Agent',
  'X-Amzn-Trace-Id',
];

/**
 * @param value of CorsConfiguration of an HTTP API, or of Cors of a function URL; true allows all origins
 * @returns undefined where the template has none
 */
export function awsCors(value: unknown): CorsSettings | undefined {
  return settingsOf(value === true ? { AllowOrigins: ['*'] } : value, awsNames);
}

/**
 * @param value Cors of a REST API of SAM, which quotes its texts: "'*'"
 * @param key   of the route; its method is allowed where SAM finds the methods itself
 */
export function samRestCors(value: unknown, key: string): CorsSettings | undefined {
  const settings = settingsOf(typeof value === 'string' ? { AllowOrigin: value } : value, samRestNames);
  return settings && { allowMethods: methodsOf(key), ...settings };
}

/**
 * @param value `cors` of an API, an event or a URL of the Serverless Framework; true takes its defaults
 * @param key   of the route; its method is allowed without a setting
 */
export function serverlessCors(value: unknown, key: string): CorsSettings | undefined {
  const settings = settingsOf(value === true ? {} : value, serverlessNames, ['*']);
  return settings && { allowMethods: methodsOf(key), allowHeaders: serverlessHeaders, ...settings };
}

/**
 * @param integration of an OPTIONS method of a REST API that answers by itself, as CDK writes it
 * @returns undefined when it sends no CORS headers
 */
export function mockCors(integration: Fields): CorsSettings | undefined {
  const [response] = listOf(integration.IntegrationResponses);
  const parameters = isFields(response) && isFields(response.ResponseParameters) ? response.ResponseParameters : {};
  const headers = Object.entries(parameters).map(([name, value]) => [
    name.toLowerCase().replace('method.response.header.access-control-', ''),
    value,
  ]);
  const named = Object.fromEntries(headers);
  return settingsOf(named, {
    allowOrigins: ['allow-origin'],
    allowMethods: ['allow-methods'],
    allowHeaders: ['allow-headers'],
    exposeHeaders: ['expose-headers'],
    maxAge: 'max-age',
    allowCredentials: 'allow-credentials',
  });
}

interface Names {
  allowOrigins: string[];
  allowMethods: string[];
  allowHeaders: string[];
  exposeHeaders: string[];
  maxAge: string;
  allowCredentials: string;
}

function settingsOf(value: unknown, names: Names, defaultOrigins: string[] = []): CorsSettings | undefined {
  if (!isFields(value)) return undefined;
  const list = (keys: string[]): string[] | undefined => {
    const key = keys.find((one) => value[one] !== undefined && value[one] !== null);
    return key === undefined ? undefined : listOf(value[key]).flatMap(textsOf);
  };
  const allowOrigins = list(names.allowOrigins) ?? defaultOrigins;
  if (allowOrigins.length === 0) return undefined;
  const settings: CorsSettings = { allowOrigins };
  for (const name of ['allowMethods', 'allowHeaders', 'exposeHeaders'] as const) {
    const texts = list(names[name]);
    if (texts) settings[name] = texts;
  }
  const maxAge = Number(String(value[names.maxAge] ?? '').replaceAll("'", '') || Number.NaN);
  if (Number.isInteger(maxAge)) settings.maxAge = maxAge;
  if (/^'?true'?$/.test(String(value[names.allowCredentials]))) settings.allowCredentials = true;
  return settings;
}

/** Reads a text, or several with commas between, which REST APIs put into quotes. */
function textsOf(value: unknown): string[] {
  return String(value).replaceAll("'", '').split(',').map((one) => one.trim()).filter(Boolean); // biome-ignore format: one thing
}

function methodsOf(key: string): string[] {
  const [method = ''] = key.split(' ');
  return methods.some((one) => one === method) ? [...new Set(['OPTIONS', method])] : [...methods];
}
