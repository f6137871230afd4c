/** Reads the events of AWS::Serverless::Function: routes, schedules, and those that have to be invoked by hand. */
import type { Resource } from '../cloudformation/scope.ts';
import { awsCors, samRestCors } from '../description/cors.ts';
import { payloadVersion } from '../description/payload.ts';
import { type Fields, fieldsOf, isFields, placeOf } from '../description/places.ts';
import { readPart } from '../description/read-part.ts';
import { routeKey } from '../description/routes.ts';
import { addSchedule, type DescribedSchedule, noteDates } from '../description/schedules.ts';
import type { Place, ProjectFunction, RouteSettings } from '../project.ts';
import { resourceAt, resourcesOf, type TemplateContext } from './context.ts';
import { globalsOf } from './globals.ts';
import { authorizerOf } from './serverless-authorizers.ts';

/** One event of a function. */
interface FunctionEvent {
  owner: ProjectFunction;
  /** Its key in Events. */
  name: string;
  /** Type, Properties. */
  properties: Fields;
  place: Place;
}

/** Reads the events and the Function URL of every AWS::Serverless::Function of a template. */
export function readEvents(context: TemplateContext): void {
  for (const resource of resourcesOf(context, 'AWS::Serverless::Function')) {
    const owner = context.owners.get(resource.logicalId);
    if (!owner) continue;
    const { Events: events } = resource.properties;
    const url = context.template.links.evaluate(resource.properties.FunctionUrlConfig);
    for (const [name, event] of Object.entries(fieldsOf(events))) {
      if (!isFields(event)) continue;
      const place = placeOf(fieldsOf(events), name);
      readEvent(context, String(event.Type), { owner, name, properties: fieldsOf(event.Properties), place });
    }
    if (isFields(url)) addFunctionUrl(context, owner, url, placeOf(resource.properties, 'FunctionUrlConfig'));
  }
}

/**
 * Gives a function its URL.
 * @param url   its properties in the template
 * @param place of the URL
 */
export function addFunctionUrl(context: TemplateContext, owner: ProjectFunction, url: Fields, place: Place): void {
  const { links } = context.template;
  // AWS refuses a URL without it.
  const type = links.evaluate(url.AuthType) ?? 'a URL without AuthType';
  const route: RouteSettings = {
    key: '$default',
    api: 'url',
    stage: '$default',
    payloadFormatVersion: '2.0',
    // A word that AWS does not know, or a value that is not known here, must not open the route.
    authorizer: type === 'NONE' ? undefined : { type: 'unsupported', name: String(type) },
    cors: awsCors(links.evaluate(url.Cors)),
  };
  context.routes.add(owner, route, place, owner.name);
}

function readEvent(context: TemplateContext, type: string, event: FunctionEvent): void {
  const { owner, name, properties, place } = event;
  const { links } = context.template;
  if (type === 'HttpApi') addRoute(context, event, 'http', apiOf(context, properties.ApiId, 'HttpApi'));
  else if (type === 'Api') addRoute(context, event, 'rest', apiOf(context, properties.RestApiId, 'Api'));
  else if (type === 'Schedule' || type === 'ScheduleV2') {
    readPart(owner, () => {
      const own = fieldsOf(links.evaluate(properties));
      const schedule: DescribedSchedule = {
        // SAM gives the resource the names of function and event.
        name: String(own.Name ?? owner.name + name),
        service: type === 'Schedule' ? 'events' : 'scheduler',
        expression: own.Schedule ?? own.ScheduleExpression,
        timezone: own.ScheduleExpressionTimezone,
        input: own.Input,
        isDisabled: own.Enabled === false || own.State === 'DISABLED',
      };
      noteDates(own, place, context.notices);
      addSchedule(owner, schedule, place, context.notices);
    });
  } else {
    context.notices.add(place, `${type} events do not reach ${owner.name} here: invoke it by hand with a sample event`);
  }
}

interface Api {
  /** Logical id. */
  id: string;
  auth: unknown;
  stage: unknown;
  cors: unknown;
}

function apiOf(context: TemplateContext, reference: unknown, kind: 'HttpApi' | 'Api'): Api {
  const { root, links } = context.template;
  const implicit = kind === 'Api' ? 'ServerlessRestApi' : 'ServerlessHttpApi';
  const id = reference === undefined ? implicit : String(links.evaluate(reference));
  const resource: Resource | undefined = resourceAt(context, id, `AWS::Serverless::${kind}`);
  // Without an API of its own in the template, SAM makes one with the settings of Globals.
  const { Auth: auth, StageName: stage, Cors: cors, CorsConfiguration } = resource?.properties ?? globalsOf(root, kind);
  return { id, auth, stage, cors: links.evaluate(kind === 'Api' ? cors : CorsConfiguration) };
}

function addRoute(context: TemplateContext, event: FunctionEvent, kind: 'http' | 'rest', api: Api): void {
  const { owner, properties, place } = event;
  const { links } = context.template;
  const route = readPart(owner, (): RouteSettings => {
    const path = links.evaluate(properties.Path, place);
    const method = links.evaluate(properties.Method, place);
    const isDefault = kind === 'http' && (path === undefined || path === '$default');
    const key = isDefault ? '$default' : routeKey(String(method ?? 'any'), String(path ?? '/'));
    return {
      key,
      api: kind,
      stage: kind === 'rest' ? String(links.evaluate(api.stage) ?? 'Prod') : '$default',
      payloadFormatVersion:
        kind === 'rest' ? '1.0' : payloadVersion(links.evaluate(properties.PayloadFormatVersion), '2.0'),
      authorizer: authorizerOf(context, kind, api, properties.Auth, place),
      cors: kind === 'rest' ? samRestCors(api.cors, key) : awsCors(api.cors),
    };
  });
  if (route) context.routes.add(owner, route, place, api.id);
}
