/**
 * Reads what the function of a Lambda authorizer answers: {isAuthorized, context}, or an IAM policy.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
 */
import { isObject, MalformedAnswerError, parsePolicy, type Statement } from './policy.ts';

/** A well-formed answer. */
export interface AuthorizerAnswer {
  /** The decision for each method: of a policy, or the same one for all. */
  policy: Statement[] | boolean;
  principalId: string | undefined;
  /** Undefined without one. REST APIs have texts only. */
  context: Record<string, unknown> | undefined;
}

/**
 * @param answer the JSON value that the function returned
 * @param form   "simple": {isAuthorized, context}. "http" and "rest": an IAM policy for that kind of API.
 * @throws MalformedAnswer
 */
export function parseAnswer(answer: unknown, form: 'simple' | 'http' | 'rest'): AuthorizerAnswer {
  if (!isObject(answer)) throw new MalformedAnswerError('the answer is not an object');
  const context = answer.context ?? undefined;
  if (context !== undefined && !isObject(context)) throw new MalformedAnswerError('"context" is not an object');
  if (form === 'simple') {
    const { isAuthorized } = answer;
    if (typeof isAuthorized !== 'boolean') throw new MalformedAnswerError('"isAuthorized" is neither true nor false');
    return { policy: isAuthorized, principalId: undefined, context };
  }
  return {
    policy: parsePolicy(answer.policyDocument),
    principalId: typeof answer.principalId === 'string' ? answer.principalId : undefined,
    context: form === 'rest' ? context && textsOf(context) : context,
  };
}

/** REST APIs take texts, numbers and booleans, and hand all of them on as texts. */
function textsOf(context: Record<string, unknown>): Record<string, string> {
  const entries = Object.entries(context).map(([name, value]) => {
    if (typeof value === 'object' && value !== null) {
      throw new MalformedAnswerError(`"context.${name}" is neither a text, a number nor a boolean`);
    }
    return [name, String(value)];
  });
  return Object.fromEntries(entries);
}
