/** Tells who calls a function: the caller that the route's authorizer has recognized. */

/** The caller of a request. */
export interface Actor {
  /** `anonymous` where no authorizer has checked the caller. */
  readonly kind: 'person' | 'key' | 'anonymous';
  /** The id of the person or of the API key; null for an anonymous caller. */
  readonly id: string | null;
  /** The name at the time of the request. It may change later, and the id does not. Null for an anonymous caller. */
  readonly name: string | null;
}

/** The part of an event that tells the caller. */
interface AuthorizedEvent {
  readonly requestContext?: { readonly authorizer?: { readonly lambda?: Readonly<Record<string, unknown>> | null } };
}

const anonymous: Actor = { kind: 'anonymous', id: null, name: null };

/**
 * Reads the caller from `actorKind`, `actorId` and `actorName` of the Lambda authorizer's context.
 * @param event in payload format 2.0
 * @returns an anonymous caller where no authorizer has answered for the request
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
 */
export function actorOf(event: object): Actor {
  const { actorKind, actorId, actorName } = (event as AuthorizedEvent).requestContext?.authorizer?.lambda ?? {};
  if (actorKind !== 'person' && actorKind !== 'key') return anonymous;
  return { kind: actorKind, id: textOf(actorId), name: textOf(actorName) };
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
}
