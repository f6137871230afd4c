/** Reads HTTP APIs of plain CloudFormation, as CDK writes them. */
import { awsCors } from '../description/cors.ts';
import { payloadVersion } from '../description/payload.ts';
import { fieldsOf, isFields, placeOf } from '../description/places.ts';
import { routeKey } from '../description/routes.ts';
import type { RouteSettings } from '../project.ts';
import { resourceAuthorizer } from './api-gateway-authorizers.ts';
import { functionAt, propertyPlace, resourceAt, resourcesOf, type TemplateContext } from './context.ts';

/** Adds the routes of AWS::ApiGatewayV2::Api, with Route and Integration, to their functions. */
export function readHttpApis(context: TemplateContext): void {
  const { notices, template } = context;
  for (const api of resourcesOf(context, 'AWS::ApiGatewayV2::Api')) {
    const own = fieldsOf(template.links.evaluate(api.properties));
    const place = placeOf(api.source, 'Type');
    if (own.ProtocolType === 'WEBSOCKET')
      notices.add(place, `the host serves no WebSocket API: ${api.logicalId} is left out`);
    if (own.Body !== undefined)
      notices.add(place, `the host reads no OpenAPI document: the routes of ${api.logicalId} are left out`);
    const target = own.Target === undefined ? undefined : functionAt(context, own.Target);
    if (!target) continue;
    const route = httpRoute(String(own.RouteKey ?? '$default'), '2.0');
    route.cors = awsCors(own.CorsConfiguration);
    context.routes.add(target, route, place, api.logicalId);
  }
  readRoutes(context);
}

function readRoutes(context: TemplateContext): void {
  const { notices, template, routes } = context;
  for (const route of resourcesOf(context, 'AWS::ApiGatewayV2::Route')) {
    const own = fieldsOf(template.links.evaluate(route.properties));
    const place = placeOf(route.source, 'Type');
    const api = resourceAt(context, own.ApiId, 'AWS::ApiGatewayV2::Api');
    if (api && template.links.evaluate(api.properties.ProtocolType) === 'WEBSOCKET') continue;
    const integration = resourceAt(
      context,
      String(own.Target).replace(/^integrations\//, ''),
      'AWS::ApiGatewayV2::Integration',
    );
    const values = fieldsOf(template.links.evaluate(integration?.properties));
    const owner = values.IntegrationType === 'AWS_PROXY' ? functionAt(context, values.IntegrationUri) : undefined;
    if (!owner) {
      notices.add(place, `the route "${own.RouteKey}" is left out: no function of the template answers it`);
      continue;
    }
    const found = httpRoute(String(own.RouteKey), payloadVersion(values.PayloadFormatVersion, '1.0'));
    found.authorizer = resourceAuthorizer(context, route);
    found.cors = awsCors(template.links.evaluate(api?.properties.CorsConfiguration));
    routes.add(owner, found, place, String(own.ApiId));
  }
}

function httpRoute(key: string, payloadFormatVersion: '1.0' | '2.0'): RouteSettings {
  const [method = '', path] = key.split(' ');
  const normal = path === undefined ? key : routeKey(method, path);
  return { key: normal, api: 'http', stage: '$default', payloadFormatVersion, authorizer: undefined };
}

/** Names the settings of SAM's own APIs that the host does not have. */
export function readServerlessApis(context: TemplateContext): void {
  const { notices, template } = context;
  for (const api of resourcesOf(context, 'AWS::Serverless::Api', 'AWS::Serverless::HttpApi')) {
    for (const property of ['DefinitionBody', 'DefinitionUri']) {
      if (!(property in api.properties)) continue;
      const message = `the host reads no OpenAPI document: ${api.logicalId} has the routes of the functions' events only`;
      notices.add(propertyPlace(api, property), message);
    }
    const stage = template.links.evaluate(api.properties.StageName);
    if (api.type === 'AWS::Serverless::HttpApi' && stage !== undefined && stage !== '$default') {
      notices.add(
        propertyPlace(api, 'StageName'),
        `the routes of ${api.logicalId} are served without the prefix /${stage}`,
      );
    }
    const auth = fieldsOf(api.properties.Auth);
    if (isFields(auth.ResourcePolicy))
      notices.add(placeOf(auth, 'ResourcePolicy'), 'the host checks no resource policies');
  }
}
