/**
 * The control API's errors in the form that AWS's SDKs read: the name in x-amzn-errortype, and a JSON body.
 * Names, status codes and members are those of Lambda's API: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */

export interface ApiErrorDetails {
  headers?: Record<string, string>;
  /** Of the body, beside Type and message. */
  members?: Record<string, string>;
}

export class ApiError extends Error {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly #members: Record<string, string>;

  constructor(name: string, status: number, message: string, { headers = {}, members = {} }: ApiErrorDetails = {}) {
    super(message);
    this.name = name;
    this.status = status;
    this.headers = { 'x-amzn-errortype': name, ...headers };
    this.#members = members;
  }

  /** As Lambda has it: some exceptions spell the member Message, others message. */
  get body(): Record<string, string> {
    const key = spelledLarge.has(this.name) ? 'Message' : 'message';
    return { ...this.#members, Type: this.status < 500 ? 'User' : 'Service', [key]: this.message };
  }
}

const spelledLarge = new Set(['ResourceNotFoundException', 'ServiceException']);

export const functionNotFound = (arn: string) =>
  new ApiError('ResourceNotFoundException', 404, `Function not found: ${arn}`);

export const invalidParameter = (message: string) => new ApiError('InvalidParameterValueException', 400, message);

/** A value that the API's model does not allow, in the words of AWS's own check. */
export const invalidValue = (value: string, member: string, constraint: string) =>
  invalidParameter(
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must satisfy ${constraint}`,
  );

export const invalidContent = (message: string) => new ApiError('InvalidRequestContentException', 400, message);

export const requestTooLarge = (limit: number) =>
  new ApiError(
    'RequestTooLargeException',
    413,
    `Request must be smaller than ${limit} bytes for the InvokeFunction operation`,
  );

export type ThrottleReason =
  | 'ReservedFunctionConcurrentInvocationLimitExceeded'
  | 'ConcurrentInvocationLimitExceeded'
  | 'CallerRateLimitExceeded';

export const tooManyRequests = (reason: ThrottleReason) =>
  new ApiError('TooManyRequestsException', 429, 'Rate Exceeded.', {
    headers: { 'retry-after': '1' },
    members: { Reason: reason },
  });

export const serviceFailed = (message: string) => new ApiError('ServiceException', 500, message);

export const unknownOperation = (method: string, path: string, allow: string[]) =>
  allow.length > 0
    ? new ApiError('UnknownOperationException', 405, `${method} is not allowed here; use ${allow.join(', ')}`, {
        headers: { allow: allow.join(', ') },
      })
    : new ApiError('UnknownOperationException', 404, `There is no operation at ${path}`);
