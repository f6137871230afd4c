/**
 * The errors of the control API in the form that AWS's SDKs read: the name in x-amzn-errortype, and a JSON body. Names,
 * status codes and members are those of Lambda's API.
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors
 */

/** Further parts of an error, beside its name and message. */
export interface ApiErrorDetails {
  headers?: Record<string, string>;
  /** Members of the body, beside Type and message. */
  members?: Record<string, string>;
}

/** An error that the client gets. Its `name` is that of an exception of Lambda's API. */
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

  /** The JSON body. As in Lambda's API some exceptions spell a member Message, others message. */
  get body(): Record<string, string> {
    const key = upperCaseMessage.has(this.name) ? 'Message' : 'message';
    return { ...this.#members, Type: this.status < 500 ? 'User' : 'Service', [key]: this.message };
  }
}

const upperCaseMessage = new Set(['AccessDeniedException', 'ResourceNotFoundException', 'ServiceException']);

/** The request came from a page of another origin, or to a name that is not ours. @param status 403 or 421 */
export const accessDenied = (message: string, status = 403) => new ApiError('AccessDeniedException', status, message);

/** @param arn of the unknown function */
export const functionNotFound = (arn: string) =>
  new ApiError('ResourceNotFoundException', 404, `Function not found: ${arn}`);

/** The client sent a parameter that Lambda refuses. */
export const invalidParameter = (message: string) => new ApiError('InvalidParameterValueException', 400, message);

/** The client sent a value that the API's model does not allow. The message has the words of AWS's own check. */
export const invalidValue = (value: string, member: string, constraint: string) =>
  invalidParameter(
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must satisfy ${constraint}`,
  );

/** The body of the request is not what the operation takes. */
export const invalidContent = (message: string) => new ApiError('InvalidRequestContentException', 400, message);

/** @param limit bytes that the body may have */
export const requestTooLarge = (limit: number) =>
  new ApiError(
    'RequestTooLargeException',
    413,
    `Request must be smaller than ${limit} bytes for the InvokeFunction operation`,
  );

/** Why an invocation was throttled, in Lambda's words. */
export type ThrottleReason =
  | 'ReservedFunctionConcurrentInvocationLimitExceeded'
  | 'ConcurrentInvocationLimitExceeded'
  | 'CallerRateLimitExceeded';

/** The function or the event queue has no room. */
export const tooManyRequests = (reason: ThrottleReason) =>
  new ApiError('TooManyRequestsException', 429, 'Rate Exceeded.', {
    headers: { 'retry-after': '1' },
    members: { Reason: reason },
  });

/** The router itself failed. */
export const serviceFailed = (message: string) => new ApiError('ServiceException', 500, message);

/** @param allow methods that the path takes; without any the path itself is unknown */
export const unknownOperation = (method: string, path: string, allow: string[]) =>
  allow.length > 0
    ? new ApiError('UnknownOperationException', 405, `${method} is not allowed here; use ${allow.join(', ')}`, {
        headers: { allow: allow.join(', ') },
      })
    : new ApiError('UnknownOperationException', 404, `There is no operation at ${path}`);
