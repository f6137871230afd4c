/**
 * Runs handlers in tests, each test file on a database of its own with the embedded cache.
 *
 * A test must import this file before its handler, because the handler reads the settings when it is loaded.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';

const folder = mkdtempSync(join(tmpdir(), 'cadastro-function-'));
process.env.DATABASE_URL = `sqlite:${join(folder, 'app.db')}`;
process.env.LOG_LEVEL ??= 'SILENT';
delete process.env.REDIS_URL;

const { dataAccess } = await import('#lib/services.ts');
await dataAccess.prepare();
after(async () => {
  await dataAccess.close();
  rmSync(folder, { recursive: true });
});

export { dataAccess };

/** The response of a handler; a JSON body is parsed. */
export interface HandlerResponse {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string>>;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into what they expect
  readonly body: any;
}

type Handler = (event: APIGatewayProxyEventV2, context: Context) => Promise<APIGatewayProxyStructuredResultV2>;

/** @returns an event from functions/<name>/events, with some of its fields replaced */
export function sample(name: string, event: string, changes: Partial<APIGatewayProxyEventV2> = {}) {
  const file = join(import.meta.dirname, '../..', name, 'events', `${event}.json`);
  return { ...(JSON.parse(readFileSync(file, 'utf8')) as APIGatewayProxyEventV2), ...changes };
}

/** Invokes a handler with an event. */
export async function invoke(handler: Handler, event: APIGatewayProxyEventV2): Promise<HandlerResponse> {
  const result = await handler(event, context());
  const headers = (result.headers ?? {}) as Record<string, string>;
  const isJson = /json/.test(headers['content-type'] ?? '') && result.body !== undefined && result.body !== '';
  return { status: result.statusCode, headers, body: isJson ? JSON.parse(result.body as string) : result.body };
}

/** @returns the part of an invocation's context that handlers use */
export function context(): Context {
  return { awsRequestId: '00000000-0000-4000-8000-000000000001', functionName: 'function-under-test' } as Context;
}
