/** The terms between the gateway and its authorizers. */
import type { GatewayProblem } from '../gateway-problems.ts';

/** A request that waits for an authorizer's decision. */
export interface AuthorizerRequest {
  requestId: string;
  /** The key of the client that takes turns with others. */
  client: string;
  method: string;
  /** Decoded, without the stage. Policies must see one form of a path, however the client writes it. */
  path: string;
  /** As it was sent, and as the authorizer's event has it. */
  rawPath: string;
  /** As it was sent, without the question mark. */
  query: string;
  sourceIp: string;
  routeKey: string;
  stage: string;
  /** Format of the event that the route's own function gets. */
  payloadFormatVersion: '1.0' | '2.0';
  stageVariables: Record<string, string> | undefined;
  /** @returns every value of a header, as the event has them @param name in lower case */
  headerValues(name: string): string[];
  /** Builds the event of the request, without its body. */
  createEvent(format: '1.0' | '2.0'): Record<string, unknown>;
}

/** An authorizer's answer to one request. */
export type Decision =
  /** `context` becomes `requestContext.authorizer` of the event. */
  { isAllowed: true; context: Record<string, unknown> } | { isAllowed: false; problem: GatewayProblem };

/** Decides who may call a route. */
export interface Authorizer {
  /** Decides at once where it has kept the answer. Never rejects: every failure is a decision. */
  authorize(request: AuthorizerRequest): Decision | Promise<Decision>;
}

/** @returns a decision against a request */
export function refuse(problem: GatewayProblem): Decision {
  return { isAllowed: false, problem };
}
