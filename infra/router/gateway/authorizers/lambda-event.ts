/**
 * Builds the event of a Lambda authorizer from the event of the route's own function.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html#http-api-lambda-authorizer.payload-format
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-input.html
 */
import type { AuthorizerRequest } from './authorizer.ts';
import type { LambdaSettings } from './authorizer-settings.ts';

/**
 * @param api      kind of the route's API
 * @param identity values of the identity sources
 * @param arn      ARN of the method and path that are asked for
 */
export function authorizerEvent(
  { type, payloadFormatVersion }: LambdaSettings,
  api: 'http' | 'rest',
  request: AuthorizerRequest,
  identity: string[],
  arn: string,
): Record<string, unknown> {
  const joined = identity.join(',');
  if (type === 'token') return { type: 'TOKEN', methodArn: arn, authorizationToken: joined };
  if (api === 'http' && payloadFormatVersion === '2.0') {
    const { version, isBase64Encoded: _, ...event } = request.createEvent('2.0');
    return {
      version,
      type: 'REQUEST',
      routeArn: arn,
      identitySource: identity,
      ...event,
    };
  }
  const { version, body: _, isBase64Encoded: __, ...event } = request.createEvent('1.0');
  delete (event.requestContext as { authorizer?: unknown }).authorizer;
  if (api === 'rest') return { type: 'REQUEST', methodArn: arn, ...event };
  return { version, type: 'REQUEST', methodArn: arn, identitySource: joined, authorizationToken: joined, ...event };
}
