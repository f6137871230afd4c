/** Users made through a server's own API, before anything is timed. */
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';

export interface User {
  id: number;
  name: string;
  email: string;
  createdAt: string;
  updatedAt: string;
  version: number;
}

const agent = new Agent({ keepAlive: true, maxSockets: 32 });

export const person = (number: number) => ({
  name: `Ada Lovelace ${number}`,
  email: `ada.lovelace.${number}@example.com`,
});

/**
 * Creates users until there are so many; those that are there already count.
 * @throws Error when one is refused
 */
export async function fill(url: string, count: number): Promise<void> {
  const { total } = await list(url, 1);
  let next = total;
  const worker = async () => {
    while (next < count) await create(url, ++next);
  };
  // A few are made few at a time: serverless-offline starts a worker for each request under way.
  const workers = count - total > 1000 ? agent.maxSockets : 4;
  await Promise.all(Array.from({ length: workers }, worker));
}

/** With node:http, which costs half of what fetch does: what we use of the machine while filling is the servers'. */
async function create(url: string, number: number): Promise<void> {
  const sent = request(`${url}/users`, { method: 'POST', agent, headers: { 'content-type': 'application/json' } });
  sent.end(JSON.stringify(person(number)));
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  const body = await text(answer);
  if (answer.statusCode !== 201) throw new Error(`POST /users answered ${answer.statusCode}: ${body}`);
}

export async function list(url: string, limit: number): Promise<{ users: User[]; total: number }> {
  const answer = await fetch(`${url}/users?limit=${limit}`);
  if (!answer.ok) throw new Error(`GET /users answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as { users: User[]; total: number };
}
