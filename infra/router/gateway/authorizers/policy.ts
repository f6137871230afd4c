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

const versions: unknown[] = [undefined, '2008-10-17', '2012-10-17'];
const elements = ['Sid', 'Effect', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition'];

/**
 * Reads the statements of a policy that concern execute-api:Invoke. One statement that IAM would refuse makes the whole policy
 * malformed, because it may be the Deny that the author relies on. The router knows no condition keys. An Allow with a
 * Condition therefore allows nothing, and a Deny with one denies.
 * @throws MalformedAnswer
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
export function parsePolicy(policy: unknown): Statement[] {
  const { Statement, Version } = isObject(policy) ? policy : {};
  const list = [Statement].flat();
  if (list.length === 0 || !list.every(isObject)) throw new MalformedAnswerError('"policyDocument" has no "Statement"');
  if (!versions.includes(Version)) throw new MalformedAnswerError('"Version" is not 2012-10-17');
  return list.flatMap(parseStatement);
}

/** @returns no statement when it concerns other actions only */
function parseStatement(statement: Record<string, unknown>): Statement[] {
  const unknown = Object.keys(statement).find((name) => !elements.includes(name));
  if (unknown !== undefined) throw new MalformedAnswerError(`a statement has no "${unknown}"`);
  const { Effect, Condition } = statement;
  if (Effect !== 'Allow' && Effect !== 'Deny') throw new MalformedAnswerError('"Effect" is neither Allow nor Deny');
  const actions = patternsOf(statement, 'Action', /^\*$|:/, 'such as "execute-api:Invoke"');
  const resources = patternsOf(statement, 'Resource', /^(?:\*$|arn:)/, 'an ARN');
  if (resources.patterns.some((one) => one.includes('${'))) {
    throw new MalformedAnswerError('the router knows no policy variables: write the "Resource" out');
  }
  const isNamed = actions.patterns.some((one) => matches(one.toLowerCase(), invokeAction));
  if (isNamed === actions.isInverted) return [];
  const isAllow = Effect === 'Allow';
  if (isAllow && Condition !== undefined) return [];
  const parts = resources.patterns.map((one) => (one === '*' ? [] : split(one)));
  return [{ isAllow, resources: parts, isInverted: resources.isInverted }];
}

/**
 * Reads an element that has an inverted form, such as Action and NotAction.
 * @param form    the form of each text other than *
 * @param example describes the form
 */
function patternsOf(
  statement: Record<string, unknown>,
  name: string,
  form: RegExp,
  example: string,
): { patterns: string[]; isInverted: boolean } {
  const [plain, inverted] = [statement[name], statement[`Not${name}`]];
  if ((plain === undefined) === (inverted === undefined)) {
    throw new MalformedAnswerError(`a statement needs either "${name}" or "Not${name}"`);
  }
  const patterns = [plain ?? inverted].flat();
  if (patterns.length === 0 || !patterns.every((one): one is string => typeof one === 'string' && form.test(one))) {
    throw new MalformedAnswerError(`"${name}" of a statement takes *, ${example}, or a list of these`);
  }
  return { patterns, isInverted: plain === undefined };
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

/** @returns whether a value is an object with members, and no list */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
