/** The HTTP API of the template: its limits, its answers to other origins, and its log. */
import type { RateLimitConfig } from '../../router/config.ts';
import { authorizerName } from '../../router/gateway/authorizers/common-authorizer.ts';
import type { CorsConfig } from '../../router/gateway/cors-settings.ts';
import type { FunctionConfiguration } from '../../router/manifest.ts';
import type { RouteConfiguration } from '../../router/route-configuration.ts';
import { attribute, logicalId, type Resource, ref } from './cloudformation.ts';

/** The longest that an HTTP API waits for a function. */
const maxIntegrationTimeoutMs = 30_000;

/** Fields of a line in the access log. A line has neither the query nor an address of a person beside the client's. */
const accessLogFields = {
  time: '$context.requestTime',
  requestId: '$context.requestId',
  sourceIp: '$context.identity.sourceIp',
  route: '$context.routeKey',
  status: '$context.status',
  responseBytes: '$context.responseLength',
  responseMs: '$context.responseLatency',
  integrationError: '$context.integrationErrorMessage',
};

/** Settings of the router that the HTTP API carries out on AWS. */
export interface ApiSettings {
  cors: CorsConfig | undefined;
  rateLimits: Pick<RateLimitConfig, 'route'>;
  /** Whether the function `authorize` decides who may call. */
  auth: boolean;
}

/** @returns the HTTP API with the limits and the CORS settings of the router */
export function httpApi({ cors, rateLimits: { route }, auth }: ApiSettings): Resource {
  return {
    Type: 'AWS::Serverless::HttpApi',
    Properties: {
      FailOnWarnings: true,
      AccessLogSettings: { DestinationArn: attribute('AccessLog', 'Arn'), Format: JSON.stringify(accessLogFields) },
      ...(route && {
        DefaultRouteSettings: { ThrottlingRateLimit: route.rateLimit, ThrottlingBurstLimit: route.burstLimit },
      }),
      ...(auth && { Auth: { Authorizers: { [authorizerId]: callerAuthorizer } } }),
      ...(cors && { CorsConfiguration: corsConfiguration(cors) }),
    },
  };
}

/** Its name in the template. */
const authorizerId = 'Callers';

/**
 * Asked for each request: a credential comes in one of two headers, and an identity source that is missing would be refused.
 * @see infra/docs/decisions/053-accounts.md
 */
const callerAuthorizer = {
  FunctionArn: attribute(`${logicalId(authorizerName)}Function`, 'Arn'),
  AuthorizerPayloadFormatVersion: '2.0',
  EnableSimpleResponses: true,
  EnableFunctionDefaultPermissions: true,
  Identity: { ReauthorizeEvery: 0 },
};

function corsConfiguration(cors: CorsConfig): object {
  const { allowOrigins, allowMethods, allowHeaders, exposeHeaders, maxAgeSeconds, allowCredentials } = cors;
  return {
    AllowOrigins: allowOrigins,
    ...(allowMethods.length > 0 && { AllowMethods: allowMethods }),
    ...(allowHeaders.length > 0 && { AllowHeaders: allowHeaders }),
    ...(exposeHeaders.length > 0 && { ExposeHeaders: exposeHeaders }),
    ...(maxAgeSeconds !== undefined && { MaxAge: maxAgeSeconds }),
    ...(allowCredentials && { AllowCredentials: true }),
  };
}

/**
 * @param route of which `$default` has neither method nor path
 * @param auth whether callers need the function's role
 * @returns the event by which the API calls a function
 * @throws {Error} for a route that the template has no API for
 */
export function httpEvent(
  route: RouteConfiguration,
  { name, role, timeout, throttling }: FunctionConfiguration,
  auth: boolean,
): object {
  const { key, api, stage, payloadFormatVersion, authorizer } = route;
  if (api !== 'http' || stage !== '$default' || authorizer) {
    throw new Error(`route "${key}" of ${name}: the template takes HTTP API routes without stage and authorizer`);
  }
  const [method, path] = key.split(' ');
  return {
    Type: 'HttpApi',
    Properties: {
      ApiId: ref('Api'),
      ...(path !== undefined && { Method: method, Path: path }),
      PayloadFormatVersion: payloadFormatVersion,
      ...(auth && role !== 'public' && { Auth: { Authorizer: authorizerId } }),
      ...(throttling && {
        RouteSettings: { ThrottlingRateLimit: throttling.rateLimit, ThrottlingBurstLimit: throttling.burstLimit },
      }),
      TimeoutInMillis: Math.min(timeout * 1000, maxIntegrationTimeoutMs),
    },
  };
}
