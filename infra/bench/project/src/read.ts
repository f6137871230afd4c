/** One of the functions that the host has to have ready beside hello. */
import { greeting } from './greeting.ts';

/** Returns a short JSON text. */
export const handler = async (): Promise<{ statusCode: number; body: string }> => ({
  statusCode: 200,
  body: JSON.stringify({ item: greeting }),
});
