/**
 * Keeps the last answers of the list, and asks for each with its ETag: an unchanged one comes as 304, without a body to
 * send and to parse. The API is still asked every time, so nothing shown is older than it says.
 */
import type { Answer, Api, Result } from './api-client.ts';
import type { UserPage } from './api-types.ts';

interface Kept {
  tag: string;
  body: UserPage;
}

export function revalidating(api: Pick<Api, 'ask'>, most: number) {
  const kept = new Map<string, Kept>();

  return async function list(query: string): Promise<Result<UserPage>> {
    const known = kept.get(query);
    const result = await api.ask<UserPage>(`/users?${query}`, {
      headers: known ? { 'if-none-match': known.tag } : {},
    });
    if (!result.ok) return result;
    const { answer } = result;
    if (answer.status === 304) return known ? { ok: true, answer: { ...answer, body: known.body } } : unusable(answer);
    const tag = answer.headers.get('etag');
    kept.delete(query);
    if (tag) {
      kept.set(query, { tag, body: answer.body });
      for (const oldest of kept.keys()) {
        if (kept.size <= most) break;
        kept.delete(oldest);
      }
    }
    return result;
  };
}

/** A 304 that nobody asked for. */
function unusable({ status }: Answer<UserPage>): Result<UserPage> {
  return {
    ok: false,
    failure: { kind: 'problem', status: 502, problem: { title: `Unexpected ${status}`, status: 502 } },
  };
}
