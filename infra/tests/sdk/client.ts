/** AWS's own client with a router as its endpoint. */
import { LambdaClient } from '@aws-sdk/client-lambda';
import type { Router } from '../support/router.ts';

/** @param router whose control API is the endpoint */
export function createClient(router: Router): LambdaClient {
  return new LambdaClient({
    endpoint: router.controlUrl,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    maxAttempts: 1,
  });
}

/** @returns the value of a JSON payload */
export function json(payload: Uint8Array | undefined): Record<string, unknown> {
  return JSON.parse(Buffer.from(payload ?? []).toString());
}

/** @returns the text of a LogResult, which is base64 */
export function toLog(logResult: string | undefined): string {
  return Buffer.from(logResult ?? '', 'base64').toString();
}
