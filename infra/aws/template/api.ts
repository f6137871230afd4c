/** The HTTP API of the template: its limits, its answers to other origins, and its log. */
import type { RateLimitConfig } from '../../router/config.ts';
import type { CorsConfig } from '../../router/gateway/cors-settings.ts';
import type { FunctionConfiguration } from '../../router/manifest.ts';
import type { RouteConfiguration } from '../../router/route-configuration.ts';
import { attribute, type Resource, ref } from './cloudformation.ts';

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
}

/** @returns the HTTP API with the limits and the CORS settings of the router */
export function httpApi({ cors, rateLimits: { route } }: ApiSettings): Resource {
  return {
    Type: 'AWS::Serverless::HttpApi',
    Properties: {
      FailOnWarnings: true,
      AccessLogSettings: { DestinationArn: attribute('AccessLog', 'Arn'), Format: JSON.stringify(accessLogFields) },
      ...(route && {
        DefaultRouteSettings: { ThrottlingRateLimit: route.rateLimit, ThrottlingBurstLimit: route.burstLimit },
      }),
      ...(cors && { CorsConfiguration: corsConfiguration(cors) }),
    },
  };
}

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
 * @returns the event by which the API calls a function
 * @throws {Error} for a route that the template has no API for
 */
export function httpEvent(route: RouteConfiguration, { name, timeout, throttling }: FunctionConfiguration): object {
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
      ...(throttling && {
        RouteSettings: { ThrottlingRateLimit: throttling.rateLimit, ThrottlingBurstLimit: throttling.burstLimit },
      }),
      TimeoutInMillis: Math.min(timeout * 1000, maxIntegrationTimeoutMs),
    },
  };
}
