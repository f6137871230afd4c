/**
 * Reads the authorizers of AWS::Serverless::Api and AWS::Serverless::HttpApi.
 * @see https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-controlling-access-to-apis.html
 */
import type { AuthorizerSettings } from '../../gateway/authorizers/authorizer-settings.ts';
import { restTtlSeconds } from '../description/authorizer-defaults.ts';
import { payloadVersion } from '../description/payload.ts';
import { type Fields, fieldsOf, isFields, listOf, placeOf } from '../description/places.ts';
import { type Place, ProjectError } from '../project.ts';
import { functionAt, type TemplateContext } from './context.ts';

/** The keys of Auth: of an AWS::Serverless::HttpApi, of an AWS::Serverless::Api, and of an event. */
const httpAuth = new Set(['Authorizers', 'DefaultAuthorizer', 'EnableIamAuthorizer']);
const restAuth = new Set([
  ...['Authorizers', 'DefaultAuthorizer', 'AddApiKeyRequiredToCorsPreflight', 'AddDefaultAuthorizerToCorsPreflight'],
  ...['ApiKeyRequired', 'InvokeRole', 'ResourcePolicy', 'UsagePlan'],
]);
const eventAuth = new Set([
  ...['Authorizer', 'AuthorizationScopes', 'ApiKeyRequired', 'InvokeRole', 'OverrideApiAuth', 'ResourcePolicy'],
]);

/**
 * @param context of the template
 * @param kind    of the API
 * @param api     logical id and Auth of the API
 * @param event   the event's Auth, which wins
 * @param place   of the event
 * @returns the authorizer of a route; undefined for one that everybody may call
 * @throws {ProjectError} for a name that is not in Authorizers
 */
export function authorizerOf(
  context: TemplateContext,
  kind: 'http' | 'rest',
  api: { id: string; auth: unknown },
  event: unknown,
  place: Place,
): AuthorizerSettings | undefined {
  const { links } = context.template;
  const own = authOf(links.evaluate(event), eventAuth);
  const auth = authOf(structureOf(context, api.auth), kind === 'http' ? httpAuth : restAuth);
  // What the host can't read must not open the route.
  if (!own || !auth)
    return { type: 'unsupported', name: 'an Auth that is no object or has a key that SAM does not know' };
  const name = own.Authorizer ?? links.evaluate(auth.DefaultAuthorizer);
  if (own.ApiKeyRequired === true || fieldsOf(links.evaluate(auth)).ApiKeyRequired === true) {
    context.notices.add(place, 'the host checks no API keys');
  }
  if (name === undefined || name === 'NONE') return undefined;
  if (name === 'AWS_IAM') return { type: 'unsupported', name: 'AWS_IAM' };
  const definitions = fieldsOf(structureOf(context, auth.Authorizers));
  const definition = structureOf(context, definitions[String(name)]);
  if (!isFields(definition))
    throw new ProjectError(`the authorizer ${name} is not in the Authorizers of the API`, place);
  const found = readDefinition(context, kind, definition, String(name), api.id);
  if (found.type !== 'jwt' || own.AuthorizationScopes === undefined) return found;
  return { ...found, scopes: listOf(own.AuthorizationScopes).map(String) };
}

/** @returns the keys of an Auth; undefined if it is no object or has an unknown key, also one of an intrinsic function */
function authOf(value: unknown, known: ReadonlySet<string>): Fields | undefined {
  if (value === undefined) return {};
  return isFields(value) && Object.keys(value).every((key) => known.has(key)) ? value : undefined;
}

/** @returns the value where the template has it, and what an intrinsic function such as Fn::If computes in its place */
function structureOf({ template }: TemplateContext, value: unknown): unknown {
  const [key = '', ...others] = Object.keys(fieldsOf(value));
  return others.length === 0 && /^(Ref|Fn::)/.test(key) ? template.links.evaluate(value) : value;
}

function readDefinition(
  context: TemplateContext,
  kind: 'http' | 'rest',
  source: Fields,
  name: string,
  api: string,
): AuthorizerSettings {
  const { links, values } = context.template;
  const jwt = fieldsOf(values.evaluate(source.JwtConfiguration));
  if (kind === 'http' && Object.keys(jwt).length > 0) {
    return {
      type: 'jwt',
      issuer: String(jwt.issuer ?? jwt.Issuer),
      audience: listOf(jwt.audience ?? jwt.Audience).map(String),
      scopes: listOf(links.evaluate(source.AuthorizationScopes)).map(String),
      identitySource: String(links.evaluate(source.IdentitySource) ?? '$request.header.Authorization'),
    };
  }
  if (source.FunctionArn === undefined) return { type: 'unsupported', name: source.UserPoolArn ? 'Cognito' : name };
  const owner = functionAt(context, source.FunctionArn);
  if (!owner) {
    context.notices.add(
      placeOf(source, 'FunctionArn'),
      `the function of the authorizer ${name} is not in the template`,
    );
    return { type: 'unsupported', name };
  }
  const identity = fieldsOf(links.evaluate(source.Identity));
  const shared = `${api} ${name}`;
  const ttl = Number(identity.ReauthorizeEvery ?? (kind === 'rest' ? restTtlSeconds : 0));
  if (kind === 'http') {
    return {
      type: 'request',
      name: shared,
      function: owner.name,
      payloadFormatVersion: payloadVersion(links.evaluate(source.AuthorizerPayloadFormatVersion), '2.0'),
      simpleResponses: links.evaluate(source.EnableSimpleResponses) === true,
      identitySource: identitySources(identity, '$request.', '$'),
      ttl,
      validation: undefined,
    };
  }
  const isRequest = String(links.evaluate(source.FunctionPayloadType)).toUpperCase() === 'REQUEST';
  return {
    type: isRequest ? 'request' : 'token',
    name: shared,
    function: owner.name,
    payloadFormatVersion: '1.0',
    simpleResponses: false,
    identitySource: isRequest
      ? identitySources(identity, 'method.request.', '')
      : [`method.request.header.${identity.Header ?? 'Authorization'}`],
    ttl,
    validation: identity.ValidationExpression === undefined ? undefined : String(identity.ValidationExpression),
  };
}

function identitySources(identity: Fields, request: string, other: string): string[] {
  return [
    ...listOf(identity.Headers).map((name) => `${request}header.${name}`),
    ...listOf(identity.QueryStrings).map((name) => `${request}querystring.${name}`),
    ...listOf(identity.StageVariables).map((name) => `${other}stageVariables.${name}`),
    ...listOf(identity.Context).map((name) => `${other}context.${name}`),
  ];
}
