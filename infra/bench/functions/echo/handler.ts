/** The echo function of the bench: it does so little that a measurement shows the cost of its host. */

interface Event {
  body?: string;
  headers: Record<string, string>;
}

/** Returns the request's body and content type. */
export const handler = async ({ body = '', headers }: Event) => ({
  statusCode: 200,
  headers: { 'content-type': headers['content-type'] ?? 'text/plain' },
  body,
});
