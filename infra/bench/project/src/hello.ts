/** The function that the measurements call. */
import { greeting } from './greeting.ts';

/** Returns the greeting. */
export const handler = async (): Promise<{ statusCode: number; body: string }> => ({ statusCode: 200, body: greeting });
