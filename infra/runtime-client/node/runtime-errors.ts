/** Errors that the runtime client reports. Their names are those of aws-lambda-ric, because people search logs for them. */
import { inspect } from 'node:util';
import type { ErrorHead } from '../../wire/heads.ts';

class RuntimeError extends Error {
  constructor(name: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = name;
  }
}

/** The handler's file or export does not exist. */
export const handlerNotFound = (message: string) => new RuntimeError('Runtime.HandlerNotFound', message);

/** _HANDLER is not of the form "file.export". */
export const malformedHandlerName = (message: string) => new RuntimeError('Runtime.MalformedHandlerName', message);

/** The handler takes a callback as its third parameter. */
export const callbackHandlerDeprecated = () =>
  new RuntimeError(
    'Runtime.CallbackHandlerDeprecated',
    'Lambda has no callback handlers from Node.js 24 on: write an async handler of at most two parameters',
  );

/** A streaming handler called a method of its stream at the wrong time, or with a value that the stream cannot take. */
export const invalidStreamingOperation = (message: string) =>
  new RuntimeError('Runtime.InvalidStreamingOperation', message);

/** JSON cannot hold the handler's return value. */
export const jsonStringifyError = (cause: unknown) =>
  new RuntimeError('Runtime.JSONStringifyError', "The handler's return value can't be written as JSON", { cause });

/**
 * Names the reason why a handler's module did not load, as aws-lambda-ric does.
 * @param cause what `import` or `require` threw
 * @returns Runtime.UserCodeSyntaxError, Runtime.ImportModuleError for a missing module, or `cause` itself
 */
export function importError(cause: unknown): unknown {
  if (cause instanceof SyntaxError) {
    const error = new RuntimeError('Runtime.UserCodeSyntaxError', String(cause));
    error.stack = cause.stack;
    return error;
  }
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  if (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') {
    return new RuntimeError('Runtime.ImportModuleError', String(cause));
  }
  return cause;
}

/**
 * Describes a thrown value in the form of the Lambda Runtime API.
 * @param thrown anything: JavaScript can throw every value
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html#runtimes-api-invokeerror
 */
export function toErrorHead(thrown: unknown): ErrorHead {
  if (thrown instanceof Error) {
    return { errorType: thrown.name, errorMessage: thrown.message, trace: thrown.stack?.split('\n') ?? [] };
  }
  return { errorType: typeof thrown, errorMessage: asText(thrown), trace: [] };
}

function asText(value: unknown): string {
  try {
    return String(value);
  } catch {
    // An object without a prototype, or with a toString that throws.
    return inspect(value);
  }
}
