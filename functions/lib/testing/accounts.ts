/** Adds people for tests of the account functions, and invokes a function as one of them. Import this file before the handler. */
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Role } from '../accounts/roles.ts';
import type { ApiHandler } from '../http/serve.ts';
import { type HandlerResponse, invoke, sample } from './function.ts';

const { accounts } = await import('../accounts/service.ts');

export { accounts };

/** The password of every person that a test adds. */
export const password = 'correct horse battery';

/** The caller of a function, as the authorizer has recognized it. */
export interface TestCaller {
  readonly kind: 'person' | 'key';
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** A session token; undefined for a key. */
  readonly token?: string;
}

/** A caller with an API key, who has no session. */
export const keyCaller: TestCaller = { kind: 'key', id: '0123456789abcdef', name: 'script', role: 'administrator' };

/** Adds a person who has the password. @returns its id */
export async function addPerson(name: string, role: Role = 'reader'): Promise<number> {
  return (await accounts.add({ name, email: null, role }, password)).id;
}

/** Begins a session of a person, from the address of the sample events. */
export async function signIn(name: string, given = password): Promise<TestCaller & { readonly token: string }> {
  const { token, person } = await accounts.signIn({ name, client: '127.0.0.1' }, given);
  return { kind: 'person', id: String(person.id), name: person.name, role: person.role, token };
}

/** The differences of a request from the function's sample event `request`. */
export interface AccountRequest {
  /** Null for an event that no authorizer has seen; the caller of the sample event if left out. */
  readonly caller?: TestCaller | null;
  readonly body?: object;
  /** The path parameter. */
  readonly id?: number;
  readonly query?: Record<string, string>;
}

/** Invokes a function of accounts with its sample event. @param name of its folder */
export function call(handler: ApiHandler, name: string, request: AccountRequest = {}): Promise<HandlerResponse> {
  const { caller, body, id, query } = request;
  const event: APIGatewayProxyEventV2 = sample(name, 'request', {
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(id !== undefined && { pathParameters: { id: String(id) } }),
    ...(query !== undefined && { queryStringParameters: query }),
  });
  if (caller === undefined) return invoke(handler, event);
  const { authorization: _, ...headers } = event.headers;
  if (caller?.token !== undefined) headers.authorization = `Bearer ${caller.token}`;
  const { authorizer: __, ...context } = event.requestContext as APIGatewayProxyEventV2['requestContext'] & {
    authorizer?: object;
  };
  const lambda = caller && { actorKind: caller.kind, actorId: caller.id, actorName: caller.name, role: caller.role };
  return invoke(handler, {
    ...event,
    headers,
    requestContext: { ...context, ...(lambda && { authorizer: { lambda } }) } as typeof event.requestContext,
  });
}
