/** Errors that the runtime client reports. Names and texts are those of aws-lambda-ric, because people search logs for them. */
import type { ErrorHead } from '../../wire/heads.ts';

/** The handler's export does not exist, or is no function. */
export class HandlerNotFoundError extends Error {
  override name = 'Runtime.HandlerNotFound';
}

/** _HANDLER is not of the form "file.export". */
export class MalformedHandlerNameError extends Error {
  override name = 'Runtime.MalformedHandlerName';
}

/** `require` does not find a module. */
class ImportModuleError extends Error {
  override name = 'Runtime.ImportModuleError';
}

/** The handler's code is no JavaScript. */
class UserCodeSyntaxError extends Error {
  override name = 'Runtime.UserCodeSyntaxError';
}

/** The handler takes a callback as its third parameter. */
export class CallbackHandlerDeprecatedError extends Error {
  override name = 'Runtime.CallbackHandlerDeprecated';

  constructor() {
    super(
      'ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. You need to ' +
        'modify this function to use a supported handler signature to use Node.js 24 or later. For more information see ' +
        'https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html.',
    );
  }
}

/** A streaming handler set the content type of its stream after the first write. */
export class InvalidStreamingOperation extends Error {
  override name = 'Runtime.InvalidStreamingOperation';

  constructor() {
    super('Cannot set content-type, too late.');
  }
}

/** The mark of a streaming handler names a kind of streaming that does not exist. */
export class MalformedStreamingHandler extends Error {
  override name = 'Runtime.MalformedStreamingHandler';

  constructor() {
    super('Only response streaming is supported.');
  }
}

/** An async handler waits for a promise that nothing can settle; runtimes up to Node.js 22 report it so. */
export class NodeJsExitError extends Error {
  override name = 'Runtime.NodeJsExit';

  constructor() {
    super(
      'The Lambda runtime client detected an unexpected Node.js exit code. This is most commonly caused by a Promise that was ' +
        'never settled. For more information, see https://nodejs.org/docs/latest/api/process.html#exit-codes',
    );
  }
}

/** JSON cannot hold the handler's return value. */
export class JSONStringifyError extends Error {
  override name = 'Runtime.JSONStringifyError';

  constructor() {
    super('Unable to stringify response body');
  }
}

/**
 * Names the reason why a handler's module did not load, as aws-lambda-ric does.
 * @param cause what `import` or `require` threw
 * @returns Runtime.UserCodeSyntaxError, Runtime.ImportModuleError for a module that `require` misses, or `cause` itself
 */
export function importError(cause: unknown): unknown {
  if (cause instanceof SyntaxError) {
    const error = new UserCodeSyntaxError(String(cause));
    error.stack = cause.stack;
    return error;
  }
  if (cause instanceof Error && (cause as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') {
    return new ImportModuleError(String(cause));
  }
  return cause;
}

/**
 * Describes a thrown value in the form of the Lambda Runtime API.
 * @param thrown anything: JavaScript can throw every value
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html#runtimes-api-invokeerror
 */
export function toErrorHead(thrown: unknown): ErrorHead {
  try {
    if (!(thrown instanceof Error)) return { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
    const { name, message, stack } = thrown;
    return {
      errorType: escapeDelete(name),
      errorMessage: escapeDelete(message),
      trace: escapeDelete(stack)?.split('\n') || [],
    };
  } catch {
    // The error's name, message or stack is no text, or a getter of it throws.
    return {
      errorType: 'handled',
      errorMessage:
        'callback called with Error argument, but there was a problem while retrieving one or more of its message, ' +
        'name, and stack',
      trace: [],
    };
  }
}

/** Replaces the character DEL, which no HTTP header can hold: Lambda's runtime sends errors in headers, too. */
function escapeDelete(text: string | undefined): string | undefined {
  return text?.replaceAll('\x7F', '%7F');
}

/** @returns an Error for any thrown value, for the log */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
