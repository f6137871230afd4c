/** Plays AWS Secrets Manager, and checks the signature of each request with AWS's own signer. */
import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { SignatureV4 } from '@smithy/signature-v4';

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example', sessionToken: 'session' };

/** A server that answers GetSecretValue. */
export interface SecretsManager {
  /** Variables with the address of the server and the credentials that it takes, as Lambda sets them. */
  variables: Record<string, string>;
  /** The ARNs that it was asked for, throttled requests included. */
  requests: string[];
}

/**
 * @param t test at whose end the server goes away
 * @param secrets their texts by ARN
 * @param throttled how many requests get a throttling error first
 */
export async function openSecretsManager(
  t: Pick<TestContext, 'after'>,
  secrets: Record<string, string>,
  { throttled = 0 } = {},
): Promise<SecretsManager> {
  const requests: string[] = [];
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const { SecretId = '' } = JSON.parse(body) as { SecretId?: string };
    requests.push(SecretId);
    const secret = secrets[SecretId];
    const answer = (status: number, content: object) =>
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(content));
    if (request.headers.authorization !== (await sign(request, body, SecretId))) {
      answer(403, { __type: 'SignatureDoesNotMatch' });
    } else if (requests.length <= throttled) answer(429, { __type: 'ThrottlingException' });
    else if (secret === undefined) answer(400, { __type: 'ResourceNotFoundException' });
    else answer(200, { ARN: SecretId, SecretString: secret });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close().closeAllConnections());
  const variables = {
    AWS_ENDPOINT_URL_SECRETS_MANAGER: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken,
  };
  return { variables, requests };
}

/** @returns the Authorization header that the request must have: the headers that it names, signed by AWS's own signer */
async function sign(request: IncomingMessage, body: string, arn: string): Promise<string | undefined> {
  const { headers, url = '/', method = '' } = request;
  const signed = /SignedHeaders=([^,]+)/.exec(headers.authorization ?? '')?.[1]?.split(';') ?? [];
  const signer = new SignatureV4({
    credentials,
    region: arn.split(':')[3] ?? '',
    service: 'secretsmanager',
    sha256: Sha256,
    applyChecksum: false,
  });
  const expected = await signer.sign(
    {
      method,
      protocol: 'http:',
      hostname: '127.0.0.1',
      path: url,
      headers: Object.fromEntries(signed.map((name) => [name, String(headers[name])])),
      body,
    },
    { signingDate: new Date(String(headers['x-amz-date']).replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5')) },
  );
  return expected.headers.authorization;
}

/** SHA-256 in the form that the signer takes. */
class Sha256 {
  readonly #hash;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret as Buffer);
  }
  update(data: Uint8Array): void {
    this.#hash.update(data);
  }
  reset(): void {}
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
}
