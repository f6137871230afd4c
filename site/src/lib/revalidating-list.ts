/**
 * Keeps the latest lists and sends their ETags. The API answers an unchanged list with 304, which has no body to send and
 * parse. The site still asks each time, so a page never shows an older list than the API has.
 */
import type { Api, ApiResponse, Result } from './api-client.ts';
import type { UserPage } from './api-types.ts';

/** A list with the ETag that the API gave it. */
interface Kept {
  tag: string;
  body: UserPage;
}

/**
 * @param maxLists the number of lists to keep; the list that changed longest ago goes first
 * @returns the client's `list`, with this cache
 */
export function revalidatingList(api: Pick<Api, 'ask'>, maxLists: number) {
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
        if (kept.size <= maxLists) break;
        kept.delete(oldest);
      }
    }
    return result;
  };
}

/** A 304 to a request without an ETag is an error of a proxy between the site and the API. */
function unusable({ status }: ApiResponse<UserPage>): Result<UserPage> {
  return {
    ok: false,
    failure: { kind: 'problem', status: 502, problem: { title: `Unexpected ${status}`, status: 502 } },
  };
}
