/**
 * Evaluates the IAM policy that a Lambda authorizer answers.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html
 */

/** An answer that is no IAM policy, or no other answer that an authorizer may give. */
export class MalformedAnswerError extends Error {
  override name = 'MalformedAnswer';
}

/** One statement of a policy, as far as it concerns the calling of an API. */
export interface Statement {
  isAllow: boolean;
  /** ARNs with * and ?, as their parts. */
  resources: string[][];
  /** Whether the statement concerns all resources but these (NotResource). */
  isInverted: boolean;
}

/** The result of a policy for one method of an API. */
export type Verdict = 'allowed' | 'denied' | 'not allowed';

const invokeAction = 'execute-api:invoke';

/**
 * Reads the statements of a policy that concern execute-api:Invoke. The router knows no condition keys. An Allow with a
 * Condition therefore allows nothing, and a Deny with one denies.
 * @throws MalformedAnswer
 */
export function parsePolicy(policy: unknown): Statement[] {
  const list = isObject(policy) ? [policy.Statement].flat() : [];
  if (list.length === 0 || !list.every(isObject)) throw new MalformedAnswerError('"policyDocument" has no "Statement"');
  return list.filter(concernsInvoke).map((statement) => {
    const { Effect, Resource, NotResource, Condition } = statement;
    if (Effect !== 'Allow' && Effect !== 'Deny') throw new MalformedAnswerError('"Effect" is neither Allow nor Deny');
    const resources = texts(Resource ?? NotResource, 'Resource').map((one) => (one === '*' ? [] : split(one)));
    const isAllow = Effect === 'Allow';
    const isVoid = isAllow && Condition !== undefined;
    return { isAllow, resources: isVoid ? [] : resources, isInverted: Resource === undefined && !isVoid };
  });
}

function concernsInvoke({ Action, NotAction }: Record<string, unknown>): boolean {
  const isNamed = texts(Action ?? NotAction, 'Action').some((one) => matches(one.toLowerCase(), invokeAction));
  return isNamed === (Action !== undefined);
}

/** Decides for one method. A Deny wins over every Allow. @param arn of the method and path that are asked for */
export function evaluate(statements: Statement[], arn: string): Verdict {
  const parts = split(arn);
  let verdict: Verdict = 'not allowed';
  for (const { isAllow, resources, isInverted } of statements) {
    if (resources.some((resource) => matchesArn(resource, parts)) === isInverted) continue;
    if (!isAllow) return 'denied';
    verdict = 'allowed';
  }
  return verdict;
}

/** Compares part by part: a * stays within its part. IAM completes an ARN that has too few parts. */
function matchesArn(pattern: string[], parts: string[]): boolean {
  return pattern.every((part, index) => matches(part, parts[index] as string));
}

/** Splits an ARN into its six parts; the last one may contain colons. */
function split(arn: string): string[] {
  const parts = arn.split(':');
  return [...parts.slice(0, 5), ...(parts.length > 5 ? [parts.slice(5).join(':')] : [])];
}

/** Compares a text with a pattern of * and ?. It never takes more steps than the product of their lengths. */
function matches(pattern: string, text: string): boolean {
  let [inPattern, inText, star, resumed] = [0, 0, -1, 0];
  while (inText < text.length) {
    const sign = pattern[inPattern];
    if (sign === '*') {
      star = inPattern++;
      resumed = inText;
    } else if (sign !== undefined && (sign === '?' || sign === text[inText])) {
      inPattern++;
      inText++;
    } else if (star >= 0) {
      inPattern = star + 1;
      inText = ++resumed;
    } else {
      return false;
    }
  }
  while (pattern[inPattern] === '*') inPattern++;
  return inPattern === pattern.length;
}

function texts(value: unknown, name: string): string[] {
  const list = [value].flat();
  if (list.every((one) => typeof one === 'string')) return list as string[];
  throw new MalformedAnswerError(`"${name}" of a statement is neither a text nor a list of texts`);
}

/** @returns whether a value is an object with members, and no list */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
