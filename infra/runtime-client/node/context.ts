/** The context object that a handler gets as its second argument. */
import type { InvokeHead } from '../../wire/heads.ts';

/**
 * Prepares a function that creates the context of each invocation.
 * @param env the process's environment, whose AWS_LAMBDA_* variables are the same for every invocation
 * @see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html
 */
export function contextFactory(env: NodeJS.ProcessEnv) {
  const functionName = env.AWS_LAMBDA_FUNCTION_NAME ?? '';
  const functionVersion = env.AWS_LAMBDA_FUNCTION_VERSION ?? '';
  const memoryLimitInMB = env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE ?? '';
  const logGroupName = env.AWS_LAMBDA_LOG_GROUP_NAME ?? '';
  const logStreamName = env.AWS_LAMBDA_LOG_STREAM_NAME ?? '';
  // The order is that of aws-lambda-ric, since handlers print the context as JSON.
  return ({ requestId, deadlineMs, arn, traceId, clientContext }: InvokeHead) => ({
    clientContext,
    identity: undefined,
    invokedFunctionArn: arn,
    awsRequestId: requestId,
    tenantId: undefined,
    xRayTraceId: traceId,
    getRemainingTimeInMillis: () => deadlineMs - Date.now(),
    functionName,
    functionVersion,
    memoryLimitInMB,
    logGroupName,
    logStreamName,
  });
}
