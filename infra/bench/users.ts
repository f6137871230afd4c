/** Creates users through a server's API before a measurement. */
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';

/** A user as the API returns it. */
export interface User {
  id: number;
  name: string;
  email: string;
  createdAt: string;
  updatedAt: string;
  version: number;
}

const fewUsers = 1000;
const agent = new Agent({ keepAlive: true, maxSockets: 32 });

/** @returns the body of a POST; each number gives another e-mail */
export const sampleUser = (number: number) => ({
  name: `Ada Lovelace ${number}`,
  email: `ada.lovelace.${number}@example.com`,
});

/**
 * Creates users until the server has `count` of them.
 * @throws Error when the server refuses a user
 */
export async function createUsers(url: string, count: number): Promise<void> {
  const { total } = await listUsers(url, 1);
  let next = total;
  const worker = async () => {
    while (next < count) await create(url, ++next);
  };
  // Four at a time for a few users: serverless-offline starts a worker for each simultaneous request.
  const workers = count - total > fewUsers ? agent.maxSockets : 4;
  await Promise.all(Array.from({ length: workers }, worker));
}

/** Uses node:http, which needs half the CPU time of fetch and leaves it to the server. */
async function create(url: string, number: number): Promise<void> {
  const sent = request(`${url}/users`, { method: 'POST', agent, headers: { 'content-type': 'application/json' } });
  sent.end(JSON.stringify(sampleUser(number)));
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  const body = await text(answer);
  if (answer.statusCode !== 201) throw new Error(`POST /users answered ${answer.statusCode}: ${body}`);
}

/**
 * @param limit users per page
 * @returns the first page
 * @throws Error for a status other than 2xx
 */
export async function listUsers(url: string, limit: number): Promise<{ users: User[]; total: number }> {
  const answer = await fetch(`${url}/users?limit=${limit}`);
  if (!answer.ok) throw new Error(`GET /users answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as { users: User[]; total: number };
}
