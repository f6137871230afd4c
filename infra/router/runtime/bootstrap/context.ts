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

const { env } = process;

/** What is the same in every invocation of this process. */
const environment = {
  functionName: env.AWS_LAMBDA_FUNCTION_NAME ?? '',
  functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION ?? '',
  memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE ?? '',
  logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME ?? '',
  logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME ?? '',
};

/**
 * The context object of Lambda's Node.js runtime.
 * https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html
 */
export function createContext({ requestId, deadline, arn, traceId, clientContext }: InvocationHead) {
  return {
    functionName: environment.functionName,
    functionVersion: environment.functionVersion,
    memoryLimitInMB: environment.memoryLimitInMB,
    logGroupName: environment.logGroupName,
    logStreamName: environment.logStreamName,
    clientContext,
    identity: undefined,
    invokedFunctionArn: arn,
    awsRequestId: requestId,
    xRayTraceId: traceId,
    tenantId: undefined,
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
}
