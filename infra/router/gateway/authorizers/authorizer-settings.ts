/** The settings of authorizers, as function.json has them and the templates of other projects become. */
import schema from '../../function.schema.json' with { type: 'json' };

/** A JWT authorizer of HTTP APIs. */
export interface JwtSettings {
  type: 'jwt';
  /** Its /.well-known/openid-configuration names the keys. */
  issuer: string;
  audience: string[];
  /** The token needs one of them; an empty list asks for none. */
  scopes: string[];
  /** Such as "$request.header.Authorization". */
  identitySource: string;
}

/** A Lambda authorizer. */
export interface LambdaSettings {
  /** "request": HTTP and REST APIs. "token": REST APIs. */
  type: 'request' | 'token';
  /** Routes whose authorizers have one name and equal settings share answers. Without a name each function keeps its own. */
  name?: string;
  /** Name of the function that decides. */
  function: string;
  /** Format of the event that the function gets on an HTTP API. */
  payloadFormatVersion: '1.0' | '2.0';
  /** HTTP APIs with format 2.0: whether the answer is {isAuthorized, context} and no IAM policy. */
  simpleResponses: boolean;
  /** Such as "$request.header.Authorization" (HTTP) or "method.request.header.Authorization" (REST). */
  identitySource: string[];
  /** Seconds for which an answer is kept; 0 keeps none. */
  ttl: number;
  /** REST TOKEN: a regular expression that the token must match. */
  validation: string | undefined;
  /** How the router's own authorizer is kept in the place of `ttl`, which API Gateway does not have; see common-authorizer.ts. */
  keeping?: KeepingRules;
}

/** How answers of the router's own authorizer are kept. */
export interface KeepingRules {
  ms: number;
  /** Identity sources by whose values answers are kept. A request may lack some of them. */
  by: string[];
  /** Answers with this member in their context are not kept. */
  unless: string;
  /** The member of the context that says until when an answer may be kept at most, in milliseconds since 1970. */
  until: string;
}

/** AWS_IAM, Cognito and others: the route is refused unless the router is told to serve it open. */
export interface UnsupportedSettings {
  type: 'unsupported';
  /** As the template names it. */
  name: string;
  /** Why an authorizer that the router has can't decide. With it the route is never served open. */
  fault?: string;
}

/** An authorizer of API Gateway, which decides who may call a route. */
export type AuthorizerSettings = JwtSettings | LambdaSettings | UnsupportedSettings;

type Fields = Record<string, unknown>;
type Fail = (what: string) => never;

const { jwtAuthorizer, lambdaAuthorizer, unsupportedAuthorizer } = schema.definitions;

/** The part of the schema that describes each type. */
const schemas = {
  jwt: jwtAuthorizer,
  request: lambdaAuthorizer,
  token: lambdaAuthorizer,
  unsupported: unsupportedAuthorizer,
};

/**
 * Checks an authorizer and fills in the defaults.
 * @param value the setting `authorizer` of function.json; undefined without one
 * @param fail  throws an error with the sentence that it gets
 */
export function parseAuthorizer(value: unknown, fail: Fail): AuthorizerSettings | undefined {
  if (value === undefined) return undefined;
  const given: Fields = typeof value === 'object' && value !== null ? { ...value } : {};
  const type = String(given.type);
  if (!isType(type)) return fail(`"authorizer" takes an object whose "type" is ${Object.keys(schemas).join(', ')}`);
  const { properties, required } = schemas[type];
  const names = Object.keys(properties);
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  if (unknown) fail(`"authorizer" of type ${type} has no "${unknown}"; it has ${names.join(', ')}`);
  const missing = required.find((name) => given[name] === undefined);
  if (missing) fail(`"authorizer" of type ${type} needs "${missing}"`);
  if (type === 'jwt') return jwtSettings(given, fail);
  if (type === 'unsupported') {
    const fault = given.fault === undefined ? undefined : text('fault', given.fault, fail);
    return { type, name: text('name', given.name, fail), ...(fault !== undefined && { fault }) };
  }
  return lambdaSettings(type, given, fail);
}

function isType(type: string): type is AuthorizerSettings['type'] {
  return Object.hasOwn(schemas, type);
}

function jwtSettings(given: Fields, fail: Fail): JwtSettings {
  const issuer = text('issuer', given.issuer, fail);
  if (!/^https?:$/.test(URL.parse(issuer)?.protocol ?? '')) fail('"authorizer.issuer" takes a URL');
  const audience = texts('audience', given.audience, fail);
  if (audience.length === 0) fail('"authorizer.audience" takes one text at least');
  const { scopes = [], identitySource = jwtAuthorizer.properties.identitySource.default } = given;
  return {
    type: 'jwt',
    issuer,
    audience,
    scopes: texts('scopes', scopes, fail),
    identitySource: text('identitySource', identitySource, fail),
  };
}

function lambdaSettings(type: LambdaSettings['type'], given: Fields, fail: Fail): LambdaSettings {
  const { name, payloadFormatVersion = '2.0', simpleResponses = false, ttl = 0, validation } = given;
  const { identitySource = type === 'token' ? 'method.request.header.Authorization' : [] } = given;
  if (payloadFormatVersion !== '1.0' && payloadFormatVersion !== '2.0') {
    return fail('"authorizer.payloadFormatVersion" takes "1.0" or "2.0"');
  }
  if (typeof simpleResponses !== 'boolean') return fail('"authorizer.simpleResponses" takes true or false');
  if (simpleResponses && payloadFormatVersion === '1.0') {
    fail('"authorizer.simpleResponses" needs "payloadFormatVersion": "2.0"');
  }
  const { maximum } = lambdaAuthorizer.properties.ttl;
  if (typeof ttl !== 'number' || !Number.isInteger(ttl) || ttl < 0 || ttl > maximum) {
    return fail(`"authorizer.ttl" takes whole seconds from 0 to ${maximum}`);
  }
  const sources = texts('identitySource', identitySource, fail);
  if (ttl > 0 && sources.length === 0) fail('"authorizer.ttl" needs an "identitySource", by which answers are kept');
  if (type === 'token' && sources.length !== 1) fail('"authorizer.identitySource" takes one text for type token');
  return {
    type,
    ...(name !== undefined && { name: text('name', name, fail) }),
    function: text('function', given.function, fail),
    payloadFormatVersion,
    simpleResponses,
    identitySource: sources,
    ttl,
    validation: validation === undefined ? undefined : expression(validation, fail),
  };
}

function text(name: string, value: unknown, fail: Fail): string {
  return typeof value === 'string' && value !== '' ? value : fail(`"authorizer.${name}" takes a text`);
}

function texts(name: string, value: unknown, fail: Fail): string[] {
  const list = [value].flat();
  const isValid = list.every((one) => typeof one === 'string' && one !== '');
  return isValid ? (list as string[]) : fail(`"authorizer.${name}" takes a text, or a list of texts`);
}

function expression(value: unknown, fail: Fail): string {
  try {
    new RegExp(String(value));
  } catch {
    return fail('"authorizer.validation" takes a regular expression');
  }
  return text('validation', value, fail);
}
