/** What a runtime client reports in Lambda's words; the names are those of AWS's own client and are looked for in logs. */

export interface ErrorReport {
  errorType: string;
  errorMessage: string;
  trace: string[];
}

class RuntimeError extends Error {
  constructor(name: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = name;
  }
}

export const handlerNotFound = (message: string) => new RuntimeError('Runtime.HandlerNotFound', message);
export const malformedHandlerName = (message: string) => new RuntimeError('Runtime.MalformedHandlerName', message);
export const callbackHandlerDeprecated = () =>
  new RuntimeError(
    'Runtime.CallbackHandlerDeprecated',
    'Lambda has no callback handlers from Node.js 24 on: write an async handler of at most two parameters',
  );
export const invalidStreamingOperation = (message: string) =>
  new RuntimeError('Runtime.InvalidStreamingOperation', message);
export const jsonStringifyError = (cause: unknown) =>
  new RuntimeError('Runtime.JSONStringifyError', "The handler's answer can't be written as JSON", { cause });

/** An import that failed: by syntax, by a package that is not there, or by what the module threw itself. */
export function importError(cause: unknown): unknown {
  if (cause instanceof SyntaxError) {
    const error = new RuntimeError('Runtime.UserCodeSyntaxError', String(cause));
    error.stack = cause.stack;
    return error;
  }
  const code = (cause as NodeJS.ErrnoException)?.code;
  if (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') {
    return new RuntimeError('Runtime.ImportModuleError', String(cause));
  }
  return cause;
}

/** Anything thrown, as the error body of the Lambda Runtime API. */
export function toErrorReport(thrown: unknown): ErrorReport {
  if (thrown instanceof Error) {
    return { errorType: thrown.name, errorMessage: thrown.message, trace: thrown.stack?.split('\n') ?? [] };
  }
  return { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
}
