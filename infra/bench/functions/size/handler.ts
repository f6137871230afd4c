/** Answers with the size of the posted text, and does nothing else. */
export const handler = async ({ body = '' }: { body?: string }) => ({
  statusCode: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ size: body.length }),
});
