/**
 * How a streamed answer begins when its handler used HttpResponseStream: status, headers and cookies as JSON, then the
 * delimiter, then the body.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/response-streaming-tutorial.html
 */

/** Content type of a stream that begins with a prelude. */
export const preludeType = 'application/vnd.awslambda.http-integration-response';

/** Eight zero bytes. */
export const preludeDelimiter = Buffer.alloc(8);
