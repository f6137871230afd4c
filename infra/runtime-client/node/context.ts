/** What an `invoke` frame says of an invocation beside its event. */
export interface InvocationHead {
  requestId: string;
  /** Milliseconds since the epoch. */
  deadline: number;
  arn: string;
  traceId?: string;
  clientContext?: unknown;
  /** The event without its body; none when the frame's body is the event itself. */
  event?: Record<string, unknown>;
}

/**
 * Makes the context objects of Lambda's Node.js runtime.
 * https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html
 * @param env what is the same in every invocation: AWS_LAMBDA_*
 */
export function contextFactory(env: NodeJS.ProcessEnv) {
  const functionName = env.AWS_LAMBDA_FUNCTION_NAME ?? '';
  const functionVersion = env.AWS_LAMBDA_FUNCTION_VERSION ?? '';
  const memoryLimitInMB = env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE ?? '';
  const logGroupName = env.AWS_LAMBDA_LOG_GROUP_NAME ?? '';
  const logStreamName = env.AWS_LAMBDA_LOG_STREAM_NAME ?? '';
  return ({ requestId, deadline, arn, traceId, clientContext }: InvocationHead) => ({
    functionName,
    functionVersion,
    memoryLimitInMB,
    logGroupName,
    logStreamName,
    clientContext,
    identity: undefined,
    invokedFunctionArn: arn,
    awsRequestId: requestId,
    xRayTraceId: traceId,
    tenantId: undefined,
    getRemainingTimeInMillis: () => deadline - Date.now(),
  });
}
