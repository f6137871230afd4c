/** A message for the next page, after a redirect: a cookie that is read once. */

export type Flash =
  | { kind: 'created' | 'saved'; id: number }
  | { kind: 'deleted'; count: number; name?: string; email?: string };

export const flashCookie = 'flash';

export function writeFlash(flash: Flash): string {
  return JSON.stringify(flash);
}

export function readFlash(text: string | undefined): Flash | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('kind' in value)) return undefined;
    const { kind } = value;
    if ((kind === 'created' || kind === 'saved') && 'id' in value && Number.isSafeInteger(value.id)) {
      return { kind, id: Number(value.id) };
    }
    if (kind === 'deleted' && 'count' in value && Number.isSafeInteger(value.count)) {
      const text = (key: string) => (key in value ? String(Reflect.get(value, key)).slice(0, 100) : undefined);
      return { kind, count: Number(value.count), name: text('name'), email: text('email') };
    }
  } catch {
    // A cookie that somebody else wrote: no message.
  }
  return undefined;
}
