/** Reads REST APIs of plain CloudFormation, as CDK writes them. */
import type { Resource } from '../cloudformation/scope.ts';
import { mockCors } from '../description/cors.ts';
import { fieldsOf, placeOf } from '../description/places.ts';
import { routeKey } from '../description/routes.ts';
import { type CorsSettings, ProjectError } from '../project.ts';
import { resourceAuthorizer } from './api-gateway-authorizers.ts';
import { functionAt, propertyPlace, resourceAt, resourcesOf, type TemplateContext } from './context.ts';

/** Adds the routes of AWS::ApiGateway::RestApi, with Resource and Method, to their functions. */
export function readRestApis(context: TemplateContext): void {
  const { notices } = context;
  for (const api of resourcesOf(context, 'AWS::ApiGateway::RestApi')) {
    for (const property of ['Body', 'BodyS3Location']) {
      if (!(property in api.properties)) continue;
      const message = `the host reads no OpenAPI document: the routes of ${api.logicalId} are left out`;
      notices.add(propertyPlace(api, property), message);
    }
  }
  for (const method of resourcesOf(context, 'AWS::ApiGateway::Method')) readMethod(context, method);
}

function readMethod(context: TemplateContext, method: Resource): void {
  const { notices, routes, template } = context;
  const own = fieldsOf(template.links.evaluate(method.properties));
  const integration = fieldsOf(own.Integration);
  const place = placeOf(method.source, 'Type');
  const key = routeKey(String(own.HttpMethod), pathOf(context, own.ResourceId, method));
  if (own.ApiKeyRequired === true) notices.add(propertyPlace(method, 'ApiKeyRequired'), 'the host checks no API keys');
  // CDK answers CORS preflight requests by such a method. Here the other routes of its path do.
  if (integration.Type === 'MOCK' && own.HttpMethod === 'OPTIONS') return;
  const owner = integration.Type === 'AWS_PROXY' ? functionAt(context, integration.Uri) : undefined;
  if (!owner) {
    notices.add(place, `the route "${key}" is left out: no function of the template answers it as a proxy`);
    return;
  }
  const api = String(own.RestApiId);
  const authorizer = resourceAuthorizer(context, method);
  const cors = corsOf(context, own.ResourceId);
  const stage = stageOf(context, api);
  routes.add(owner, { key, api: 'rest', stage, payloadFormatVersion: '1.0', authorizer, cors }, place, api);
}

/** @returns the headers of the OPTIONS method of a path that answers by itself */
function corsOf(context: TemplateContext, resourceId: unknown): CorsSettings | undefined {
  const { links } = context.template;
  for (const { properties } of resourcesOf(context, 'AWS::ApiGateway::Method')) {
    const own = fieldsOf(links.evaluate(properties));
    const integration = fieldsOf(own.Integration);
    if (own.HttpMethod === 'OPTIONS' && own.ResourceId === resourceId && integration.Type === 'MOCK') {
      return mockCors(integration);
    }
  }
  return undefined;
}

/** Joins the path from the resource and its parents. */
function pathOf(context: TemplateContext, id: unknown, method: Resource): string {
  const parts: string[] = [];
  const seen = new Set<unknown>();
  for (let next = id; ; ) {
    const resource = resourceAt(context, next, 'AWS::ApiGateway::Resource');
    if (!resource) return `/${parts.join('/')}`;
    if (seen.has(next)) throw new ProjectError('the resource is its own parent', propertyPlace(method, 'ResourceId'));
    seen.add(next);
    parts.unshift(String(context.template.links.evaluate(resource.properties.PathPart)));
    next = context.template.links.evaluate(resource.properties.ParentId);
  }
}

function stageOf(context: TemplateContext, api: string): string {
  const { links } = context.template;
  for (const { properties } of resourcesOf(context, 'AWS::ApiGateway::Stage', 'AWS::ApiGateway::Deployment')) {
    const name = links.evaluate(properties.StageName);
    if (links.evaluate(properties.RestApiId) === api && name !== undefined) return String(name);
  }
  return 'prod';
}
