/** Reads the events of a function: routes, schedules, and those that have to be invoked by hand. */
import { serverlessCors } from '../description/cors.ts';
import { payloadVersion } from '../description/payload.ts';
import { type Fields, fieldsOf, isFields, listOf, placeOf } from '../description/places.ts';
import { readPart } from '../description/read-part.ts';
import { routeKey } from '../description/routes.ts';
import { addSchedule } from '../description/schedules.ts';
import type { Place, ProjectFunction, RouteSettings } from '../project.ts';
import { httpAuthorizer, restAuthorizer } from './authorizers.ts';
import type { ServiceContext } from './context.ts';

/** The keys that the Serverless Framework knows in each kind of route. A plugin may know more. */
const knownKeys = {
  http: 'path method authorizer cors private integration async connectionType request response operationId'.split(' '),
  httpApi: ['path', 'method', 'authorizer', 'timeout'],
  url: ['authorizer', 'cors', 'invokeMode'],
};

/**
 * @param context of the service
 * @param owner   the function
 * @param source  the function in the document
 */
export function readEvents(context: ServiceContext, owner: ProjectFunction, source: Fields): void {
  const { variables } = context;
  const events = readPart(owner, () => variables.shallow(source.events, placeOf(source, 'events')));
  for (const [index, item] of listOf(events).entries()) {
    const place = Array.isArray(events) ? placeOf(events, index) : placeOf(source, 'events');
    const event = readPart(owner, () => variables.resolve(item, place));
    const [type = '', value] = isFields(event) ? (Object.entries(event)[0] ?? []) : [String(event)];
    readEvent(context, owner, source, { type, value, place });
  }
  const url = readPart(owner, () => variables.field(source, 'url'));
  if (url) addFunctionUrl(context, owner, url, placeOf(source, 'url'));
}

interface FunctionEvent {
  /** Such as "httpApi". */
  type: string;
  value: unknown;
  place: Place;
}

function readEvent(context: ServiceContext, owner: ProjectFunction, source: Fields, event: FunctionEvent): void {
  const { type, value, place } = event;
  if (type === 'http' || type === 'httpApi') {
    const read = type === 'http' ? restRoute : httpRoute;
    const route = readPart(owner, () => read(context, source, value, place));
    if (route) context.routes.add(owner, route, place, type);
  } else if (type === 'schedule') {
    readPart(owner, () => readSchedules(context, owner, value, place));
  } else {
    context.notices.add(place, `${type} events do not reach ${owner.name} here: invoke it by hand with a sample event`);
  }
}

function restRoute(context: ServiceContext, _source: Fields, value: unknown, place: Place): RouteSettings {
  const own = isFields(value) ? value : splitRoute(String(value));
  noteUnknownKeys(context, 'http', own, place);
  if (own.integration !== undefined && !/^(lambda-proxy|aws_proxy|lambda_proxy)$/i.test(String(own.integration))) {
    context.notices.add(
      place,
      `the host knows only proxy integrations: "integration: ${own.integration}" has no effect`,
    );
  }
  if (own.private === true) context.notices.add(place, 'the host checks no API keys');
  const key = routeKey(String(own.method ?? 'any'), String(own.path ?? '/'));
  return {
    key,
    api: 'rest',
    stage: context.stage,
    payloadFormatVersion: '1.0',
    authorizer: restAuthorizer(context, own.authorizer, place),
    cors: serverlessCors(own.cors, key),
  };
}

function httpRoute(context: ServiceContext, source: Fields, value: unknown, place: Place): RouteSettings {
  const own = isFields(value) ? value : splitRoute(String(value));
  noteUnknownKeys(context, 'httpApi', own, place);
  const isDefault = value === '*' || (own.path === '*' && (own.method ?? '*') === '*') || own.path === '$default';
  const { provider, variables } = context;
  const payload =
    fieldsOf(variables.field(source, 'httpApi')).payload ?? variables.section(provider, 'httpApi').payload;
  const key = isDefault ? '$default' : routeKey(String(own.method ?? '*'), String(own.path ?? '/'));
  return {
    key,
    api: 'http',
    stage: '$default',
    payloadFormatVersion: payloadVersion(payload, '2.0'),
    authorizer: httpAuthorizer(context, own.authorizer, place),
    cors: serverlessCors(variables.field(variables.section(provider, 'httpApi'), 'cors'), key),
  };
}

/** Names what has no effect, as the framework does: a misspelt `authorizer` would leave its route open without a line. */
function noteUnknownKeys(context: ServiceContext, type: keyof typeof knownKeys, own: Fields, place: Place): void {
  for (const key of Object.keys(own)) {
    if (!knownKeys[type].includes(key)) context.notices.add(place, `"${key}" of ${type} is unknown and has no effect`);
  }
}

/** Splits "GET /users". */
function splitRoute(text: string): Fields {
  const [method, path] = text.trim().split(/\s+/);
  return { method, path };
}

function addFunctionUrl(context: ServiceContext, owner: ProjectFunction, url: unknown, place: Place): void {
  const { authorizer, cors } = fieldsOf(url);
  noteUnknownKeys(context, 'url', fieldsOf(url), place);
  const route: RouteSettings = {
    key: '$default',
    api: 'url',
    stage: '$default',
    payloadFormatVersion: '2.0',
    authorizer: authorizer === undefined ? undefined : { type: 'unsupported', name: 'AWS_IAM' },
    cors: serverlessCors(cors, '$default'),
  };
  context.routes.add(owner, route, place, owner.name);
}

function readSchedules(context: ServiceContext, owner: ProjectFunction, value: unknown, place: Place): void {
  const own = isFields(value) ? value : { rate: value };
  if (own.inputTransformer !== undefined || own.inputPath !== undefined) {
    context.notices.add(place, 'inputTransformer and inputPath of a schedule have no effect here');
  }
  const service = own.method === 'scheduler' ? 'scheduler' : 'events';
  const expressions = listOf(own.rate);
  for (const expression of expressions) {
    const isNamed = own.name !== undefined && expressions.length === 1;
    const name = isNamed ? String(own.name) : `${owner.name}-${owner.schedules.length + 1}`;
    const { timezone, input } = own;
    const schedule = { name, service, expression, timezone, input, isDisabled: own.enabled === false } as const;
    addSchedule(owner, schedule, place, context.notices);
  }
}
