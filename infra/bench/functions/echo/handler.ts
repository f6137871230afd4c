interface Event {
  body?: string;
  headers: Record<string, string>;
}

/** Sends a text back: as little work as a function can have, so that what is left is the host's. */
export const handler = async ({ body = '', headers }: Event) => ({
  statusCode: 200,
  headers: { 'content-type': headers['content-type'] ?? 'text/plain' },
  body,
});
