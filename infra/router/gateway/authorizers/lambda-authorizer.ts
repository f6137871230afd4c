/** Lambda authorizers of HTTP and REST APIs: a function decides who may call a route. */
import { log } from '../../process/log.ts';
import type { Invocation, InvocationOutcome } from '../../runtime/invocation.ts';
import { type GatewayProblem, problems } from '../gateway-problems.ts';
import { type Authorizer, type AuthorizerRequest, type Decision, refuse } from './authorizer.ts';
import type { LambdaSettings } from './authorizer-settings.ts';
import { type Identity, identityReader, optionalIdentityReader } from './identity-sources.ts';
import type { KeptDecisions } from './kept-decisions.ts';
import { type AuthorizerAnswer, parseAnswer } from './lambda-answer.ts';
import { authorizerEvent } from './lambda-event.ts';
import { evaluate } from './policy.ts';

/** The parts of the router that a Lambda authorizer needs. */
export interface LambdaAuthorizerOptions {
  /** Kind of the API whose routes ask it. */
  api: 'http' | 'rest';
  /** Such as "arn:aws:execute-api:us-east-1:000000000000:cadastro". */
  apiArn: string;
  /** Runs the function that decides. */
  invoke(invocation: Invocation): Promise<InvocationOutcome>;
  kept: KeptDecisions<AuthorizerAnswer>;
}

/** The function gave no decision. */
class UndecidedError extends Error {
  override name = 'Undecided';
  readonly problem: GatewayProblem;

  constructor(problem: GatewayProblem) {
    super(problem.detail);
    this.problem = problem;
  }
}

/** Asks a function, and keeps its answer for the same values of the identity sources. */
export class LambdaAuthorizer implements Authorizer {
  readonly #settings: LambdaSettings;
  readonly #options: LambdaAuthorizerOptions;
  readonly #form: 'simple' | 'http' | 'rest';
  readonly #identityOf: (request: AuthorizerRequest) => Identity | undefined;
  readonly #keptMs: number;
  readonly #validation: RegExp | undefined;

  /** @throws ConfigurationError for an identity source that the router does not know */
  constructor(settings: LambdaSettings, options: LambdaAuthorizerOptions) {
    this.#settings = settings;
    this.#options = options;
    this.#form = options.api === 'http' && settings.simpleResponses ? 'simple' : options.api;
    const { keeping, identitySource, ttl } = settings;
    this.#identityOf = keeping ? optionalIdentityReader(keeping.by) : identityReader(identitySource);
    this.#keptMs = keeping?.ms ?? ttl * 1000;
    this.#validation = settings.validation === undefined ? undefined : new RegExp(settings.validation);
  }

  authorize(request: AuthorizerRequest): Decision | Promise<Decision> {
    const identity = this.#identityOf(request);
    if (!identity) return refuse(problems.unauthorized());
    if (this.#validation?.test(identity.values[0] as string) === false) return refuse(problems.unauthorized());
    const { kept } = this.#options;
    const { key, values } = identity;
    const answer = this.#keptMs > 0 ? kept.get(key) : undefined;
    if (answer) return this.#decide(answer, request, 0);
    const begun = performance.now();
    const asked =
      this.#keptMs > 0
        ? kept.share(key, async () => {
            const value = await this.#ask(request, values);
            return { value, validMs: this.#validMs(value) };
          })
        : this.#ask(request, values);
    return asked.then(
      (value) => this.#decide(value, request, Math.round(performance.now() - begun)),
      (error: Error) => this.#undecided(error, request.requestId),
    );
  }

  /** @returns for how long an answer is kept (ms) */
  #validMs({ context }: AuthorizerAnswer): number {
    const { keeping } = this.#settings;
    if (keeping === undefined) return this.#keptMs;
    if (context?.[keeping.unless] !== undefined) return 0;
    const until = context?.[keeping.until];
    return typeof until === 'number' ? Math.min(this.#keptMs, until - Date.now()) : this.#keptMs;
  }

  /** @throws Undecided without a decision; MalformedAnswer */
  async #ask(request: AuthorizerRequest, identity: string[]): Promise<AuthorizerAnswer> {
    const event = authorizerEvent(this.#settings, this.#options.api, request, identity, this.#arnOf(request));
    const outcome = await this.#options.invoke({
      requestId: request.requestId,
      client: request.client,
      payload: Buffer.from(JSON.stringify(event)),
    });
    switch (outcome.type) {
      case 'payload':
        return parseAnswer(JSON.parse(outcome.payload.toString()), this.#form);
      case 'proxy':
        // An answer with a statusCode comes apart. It may be a decision all the same.
        return parseAnswer(JSON.parse(outcome.head.toString()), this.#form);
      case 'throttled':
        throw new UndecidedError(outcome.overloaded ? problems.overloaded() : problems.tooManyRequests());
      case 'error':
        if (outcome.error.errorMessage === 'Unauthorized') throw new UndecidedError(problems.unauthorized());
        throw new Error(`${outcome.error.errorType}: ${outcome.error.errorMessage}`);
      case 'failure':
        throw new Error(outcome.error.errorMessage);
      case 'stream':
        outcome.stream.destroy();
        throw new Error('the authorizer streams its answer');
    }
  }

  #decide({ policy, principalId, context }: AuthorizerAnswer, request: AuthorizerRequest, latencyMs: number): Decision {
    const verdict = typeof policy === 'boolean' ? policy : evaluate(policy, this.#arnOf(request));
    const isRest = this.#options.api === 'rest';
    if (verdict !== true && verdict !== 'allowed') {
      return refuse(isRest ? problems.accessDenied(verdict === 'denied') : problems.forbidden());
    }
    const principal = principalId === undefined ? undefined : { principalId };
    if (isRest) return { isAllowed: true, context: { ...principal, ...context, integrationLatency: latencyMs } };
    if (request.payloadFormatVersion === '2.0') return { isAllowed: true, context: { lambda: context ?? null } };
    return { isAllowed: true, context: { claims: null, scopes: null, ...principal, ...context } };
  }

  #undecided(error: Error, requestId: string): Decision {
    if (error instanceof UndecidedError) return refuse(error.problem);
    log.error('The authorizer failed', {
      ...{ requestId, function: this.#settings.function },
      ...{ errorType: error.name, errorMessage: error.message },
    });
    return refuse(problems.authorizerFailed(this.#options.api === 'rest'));
  }

  #arnOf({ stage, method, path }: AuthorizerRequest): string {
    return `${this.#options.apiArn}/${stage}/${method}${path}`;
  }
}
