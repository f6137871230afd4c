/** Reads the authorizers of `http` and `httpApi` events. */
import type { AuthorizerSettings } from '../../gateway/authorizers/authorizer-settings.ts';
import { restTtlSeconds } from '../description/authorizer-defaults.ts';
import { payloadVersion } from '../description/payload.ts';
import { type Fields, fieldsOf, isFields, listOf, placeOf } from '../description/places.ts';
import { type Place, ProjectError } from '../project.ts';
import type { ServiceContext } from './context.ts';

/**
 * @param value of `authorizer` in an `http` event, resolved: a name, an ARN or an object
 * @param place of the event
 * @returns undefined for a route that everybody may call
 * @throws {ProjectError} for a function that the service does not have
 */
export function restAuthorizer(context: ServiceContext, value: unknown, place: Place): AuthorizerSettings | undefined {
  if (value === undefined || value === null) return undefined;
  const own: Fields = isFields(value) ? value : { name: value };
  const name = String(own.name ?? own.authorizerId ?? own.arn ?? own.type);
  const type = String(own.type ?? '').toLowerCase();
  if (/^aws_iam$/i.test(name) || type === 'aws_iam') return { type: 'unsupported', name: 'AWS_IAM' };
  if (type === 'cognito_user_pools' || /:cognito-idp:/.test(String(own.arn)))
    return { type: 'unsupported', name: 'Cognito' };
  if (own.authorizerId !== undefined) return { type: 'unsupported', name };
  const source = own.identitySource ?? 'method.request.header.Authorization';
  return {
    type: type === 'request' ? 'request' : 'token',
    name,
    function: functionName(context, own.arn ?? own.name, place),
    payloadFormatVersion: '1.0',
    simpleResponses: false,
    identitySource: String(source)
      .split(',')
      .map((one) => one.trim())
      .filter(Boolean),
    ttl: Number(own.resultTtlInSeconds ?? restTtlSeconds),
    validation: own.identityValidationExpression === undefined ? undefined : String(own.identityValidationExpression),
  };
}

/**
 * @param value of `authorizer` in an `httpApi` event, resolved: a name or an object
 * @param place of the event
 * @returns undefined for a route that everybody may call
 * @throws {ProjectError} for a name that is not in provider.httpApi.authorizers
 */
export function httpAuthorizer(context: ServiceContext, value: unknown, place: Place): AuthorizerSettings | undefined {
  if (value === undefined || value === null) return undefined;
  const own: Fields = isFields(value) ? value : { name: value };
  if (own.type === 'aws_iam' || own.name === 'aws_iam') return { type: 'unsupported', name: 'AWS_IAM' };
  if (own.name === undefined) return { type: 'unsupported', name: String(own.id) };
  const { provider, variables } = context;
  const definitions = variables.section(variables.section(provider, 'httpApi'), 'authorizers');
  const name = String(own.name);
  if (!Object.hasOwn(definitions, name)) {
    throw new ProjectError(`the authorizer ${name} is not in provider.httpApi.authorizers`, place);
  }
  const definition = fieldsOf(variables.field(definitions, name));
  if (definition.type === 'request') return lambdaAuthorizer(context, name, definition, placeOf(definitions, name));
  return {
    type: 'jwt',
    issuer: String(context.values.evaluate(definition.issuerUrl)),
    audience: listOf(context.values.evaluate(definition.audience)).map(String),
    scopes: listOf(own.scopes).map(String),
    identitySource: String(definition.identitySource ?? '$request.header.Authorization'),
  };
}

function lambdaAuthorizer(context: ServiceContext, name: string, definition: Fields, place: Place): AuthorizerSettings {
  return {
    type: 'request',
    name,
    function: functionName(context, definition.functionName ?? definition.functionArn, place),
    payloadFormatVersion: payloadVersion(definition.payloadVersion, '2.0'),
    simpleResponses: definition.enableSimpleResponses === true,
    identitySource: listOf(definition.identitySource ?? '$request.header.Authorization').map(String),
    ttl: Number(definition.resultTtlInSeconds ?? 0),
    validation: undefined,
  };
}

/** Finds a function by its key in `functions`, or by an ARN that the document computes. */
function functionName({ functions, values }: ServiceContext, value: unknown, place: Place): string {
  const text = String(values.evaluate(value));
  const name = /:function:([A-Za-z0-9_-]+)/.exec(text)?.[1] ?? text;
  const owner = functions.get(name) ?? [...functions.values()].find((one) => one.name === name);
  if (owner) return owner.name;
  throw new ProjectError(`the function ${name} of the authorizer is not in the service`, place);
}
