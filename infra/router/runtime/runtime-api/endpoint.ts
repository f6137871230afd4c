/**
 * Serves the Lambda Runtime API, version 2018-06-01, to one execution environment, on a port of its own at 127.0.0.1.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { log } from '../../process/log.ts';
import { isHeldBy } from './peer.ts';
import { type RuntimeApiReply, replies, send } from './replies.ts';

/** The operations of the Runtime API. Each gets the request with its body unread, and sends the response itself. */
export interface RuntimeApi {
  next(response: ServerResponse): void;
  response(id: string, request: IncomingMessage, response: ServerResponse): Promise<void>;
  error(id: string, request: IncomingMessage, response: ServerResponse): Promise<void>;
  initError(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

/** Limit of a request's headers (bytes). aws-lambda-ric repeats a handler's error with its stack in a header for X-Ray. */
const maxHeaderSize = 2 * 1024 * 1024;
const prefix = '/2018-06-01/runtime/';

/**
 * Listens on a free port of 127.0.0.1, for one process: any other one on this machine, such as a browser, could take events
 * and forge answers.
 * @param pid of the process whose connections are accepted
 * @param opened called with "127.0.0.1:port", the value for AWS_LAMBDA_RUNTIME_API
 * @param failed called with the reason when it can't listen
 */
export function openEndpoint(
  api: RuntimeApi,
  pid: number,
  opened: (address: string) => void,
  failed: (error: Error) => void,
): Server {
  const server = createServer(
    // No time limits: a runtime's request for the next event stays open until there is one.
    {
      headersTimeout: 0,
      requestTimeout: 0,
      keepAliveTimeout: 0,
      connectionsCheckingInterval: 2 ** 31 - 1,
      maxHeaderSize,
    },
    (request, response) => {
      response.sendDate = false;
      route(api, request, response).catch((error: Error) => {
        log.error('The Runtime API failed', { errorType: error.name, errorMessage: error.message, stack: error.stack });
        if (response.headersSent) response.destroy();
        else send(response, replies.internalServerError);
      });
    },
  );
  server.prependListener('connection', (socket) => {
    if (!isHeldBy(socket, pid)) socket.destroy();
  });
  server.on('error', failed);
  server.listen(0, '127.0.0.1', () => opened(`127.0.0.1:${(server.address() as AddressInfo).port}`));
  return server;
}

async function route(api: RuntimeApi, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method, url = '' } = request;
  const path = url.startsWith(prefix) ? url.slice(prefix.length) : '';
  if (path === 'invocation/next') {
    return method === 'GET' ? api.next(response) : refuse(response, replies.methodNotAllowed('GET'));
  }
  const [, id, verb] = /^invocation\/([^/]+)\/(response|error)$/.exec(path) ?? [];
  if (!id && path !== 'init/error') return refuse(response, replies.notFound);
  if (method !== 'POST') return refuse(response, replies.methodNotAllowed('POST'));
  if (!id) return api.initError(request, response);
  return verb === 'response' ? api.response(decode(id), request, response) : api.error(decode(id), request, response);
}

function refuse(response: ServerResponse, reply: RuntimeApiReply): void {
  send(response, reply);
}

function decode(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}
