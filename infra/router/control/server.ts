/** The control API on LAMBDA_PORT: Lambda's Invoke API, the functions' configuration, status and metrics. */
import { createServer, type Server } from 'node:http';
import type { Config } from '../config.ts';
import type { FunctionHost } from '../runtime/host.ts';
import { statusOf } from './status.ts';

export interface ControlOptions {
  config: Config;
  host: FunctionHost;
}

export function createControl({ config, host }: ControlOptions): Server {
  return createServer((request, response) => {
    if (request.method === 'GET' && request.url === '/status') {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(statusOf(host, config)));
    } else {
      response.writeHead(404, { 'content-type': 'application/json' }).end('{"message":"Not Found"}');
    }
  });
}
