/** Users made through a server's own API, before anything is timed. */

export interface User {
  id: number;
  name: string;
  email: string;
  createdAt: string;
  updatedAt: string;
  version: number;
}

const concurrency = 32;

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
    while (next < count) {
      const body = JSON.stringify(person(++next));
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`${url}/users`, { method: 'POST', headers, body });
      const text = await answer.text();
      if (answer.status !== 201) throw new Error(`POST /users answered ${answer.status}: ${text}`);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}

export async function list(url: string, limit: number): Promise<{ users: User[]; total: number }> {
  const answer = await fetch(`${url}/users?limit=${limit}`);
  if (!answer.ok) throw new Error(`GET /users answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as { users: User[]; total: number };
}
