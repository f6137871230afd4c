/** Reads AWS::ApiGateway::Authorizer and AWS::ApiGatewayV2::Authorizer, which CDK writes. */
import type { AuthorizerSettings } from '../../gateway/authorizers/authorizer-settings.ts';
import type { Resource } from '../cloudformation/scope.ts';
import { restTtlSeconds } from '../description/authorizer-defaults.ts';
import { payloadVersion } from '../description/payload.ts';
import { fieldsOf, listOf } from '../description/places.ts';
import { functionAt, propertyPlace, resourceAt, type TemplateContext } from './context.ts';

/** The properties of a route, by its resource. */
const routeProperties: Readonly<Record<string, readonly string[]>> = {
  'AWS::ApiGateway::Method': [
    ...['ApiKeyRequired', 'AuthorizationScopes', 'AuthorizationType', 'AuthorizerId', 'HttpMethod', 'Integration'],
    ...['MethodResponses', 'OperationName', 'RequestModels', 'RequestParameters', 'RequestValidatorId', 'ResourceId'],
    'RestApiId',
  ],
  'AWS::ApiGatewayV2::Route': [
    ...['ApiId', 'ApiKeyRequired', 'AuthorizationScopes', 'AuthorizationType', 'AuthorizerId', 'OperationName'],
    ...['ModelSelectionExpression', 'RequestModels', 'RequestParameters', 'RouteKey', 'Target'],
    'RouteResponseSelectionExpression',
  ],
};

/**
 * @param context of the template
 * @param route   AWS::ApiGateway::Method or AWS::ApiGatewayV2::Route
 * @returns the route's authorizer; undefined for a route that everybody may call
 */
export function resourceAuthorizer(context: TemplateContext, route: Resource): AuthorizerSettings | undefined {
  const { links } = context.template;
  const { AuthorizationType, AuthorizerId, AuthorizationScopes } = route.properties;
  // AWS refuses a property that it does not know. It may be a misspelt authorizer, so it must not open the route.
  const unknown = Object.keys(route.properties).find((key) => !routeProperties[route.type]?.includes(key));
  if (unknown !== undefined) return { type: 'unsupported', name: `the property ${JSON.stringify(unknown)}` };
  if (AuthorizationType === undefined && AuthorizerId === undefined) return undefined;
  const type = String(links.evaluate(AuthorizationType) ?? 'an AuthorizerId without AuthorizationType');
  if (type === 'NONE') return undefined;
  if (AuthorizationType === undefined) return { type: 'unsupported', name: type };
  const authorizer = resourceAt(context, AuthorizerId, 'AWS::ApiGateway::Authorizer', 'AWS::ApiGatewayV2::Authorizer');
  if (!authorizer || type === 'AWS_IAM') return { type: 'unsupported', name: type };
  const scopes = listOf(links.evaluate(AuthorizationScopes)).map(String);
  return authorizer.type === 'AWS::ApiGatewayV2::Authorizer'
    ? ofHttpApi(context, authorizer, scopes)
    : ofRestApi(context, authorizer);
}

function ofHttpApi(
  context: TemplateContext,
  { logicalId, properties }: Resource,
  scopes: string[],
): AuthorizerSettings {
  const { links, values } = context.template;
  const own = fieldsOf(links.evaluate(properties));
  if (own.AuthorizerType === 'JWT') {
    const jwt = fieldsOf(values.evaluate(properties.JwtConfiguration));
    const [identitySource = '$request.header.Authorization'] = listOf(own.IdentitySource).map(String);
    return {
      type: 'jwt',
      issuer: String(jwt.Issuer),
      audience: listOf(jwt.Audience).map(String),
      scopes,
      identitySource,
    };
  }
  const owner = functionAt(context, own.AuthorizerUri);
  if (!owner) return { type: 'unsupported', name: logicalId };
  return {
    type: 'request',
    name: logicalId,
    function: owner.name,
    payloadFormatVersion: payloadVersion(own.AuthorizerPayloadFormatVersion, '1.0'),
    simpleResponses: own.EnableSimpleResponses === true,
    identitySource: listOf(own.IdentitySource).map(String),
    ttl: Number(own.AuthorizerResultTtlInSeconds ?? 0),
    validation: undefined,
  };
}

function ofRestApi(context: TemplateContext, authorizer: Resource): AuthorizerSettings {
  const own = fieldsOf(context.template.links.evaluate(authorizer.properties));
  if (own.Type === 'COGNITO_USER_POOLS') return { type: 'unsupported', name: 'Cognito' };
  const owner = functionAt(context, own.AuthorizerUri);
  if (!owner) {
    const place = propertyPlace(authorizer, 'AuthorizerUri');
    context.notices.add(place, `the function of the authorizer ${authorizer.logicalId} is not in the template`);
    return { type: 'unsupported', name: authorizer.logicalId };
  }
  return {
    type: own.Type === 'REQUEST' ? 'request' : 'token',
    name: authorizer.logicalId,
    function: owner.name,
    payloadFormatVersion: '1.0',
    simpleResponses: false,
    identitySource: String(own.IdentitySource ?? '')
      .split(',')
      .map((source) => source.trim())
      .filter(Boolean),
    ttl: Number(own.AuthorizerResultTtlInSeconds ?? restTtlSeconds),
    validation: own.IdentityValidationExpression === undefined ? undefined : String(own.IdentityValidationExpression),
  };
}
