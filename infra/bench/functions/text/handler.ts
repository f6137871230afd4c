/** Answers with a text of the size that the query asks for, and does nothing else. */

const texts = new Map<string, string>();

export const handler = async ({ queryStringParameters }: { queryStringParameters?: { bytes?: string } }) => {
  const bytes = queryStringParameters?.bytes ?? '0';
  const body = texts.get(bytes) ?? 'x'.repeat(Number(bytes));
  texts.set(bytes, body);
  return { statusCode: 200, headers: { 'content-type': 'text/plain' }, body };
};
