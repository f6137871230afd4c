/** Holds invocations until the test lets them go, so that no test depends on how long something takes. */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

/** A server that answers a request only once the test opens it. Handlers wait for its answer with fixtures/gate.ts. */
export interface Gate {
  /** Address for fixtures: `/held?gate=URL`, or `{"gate": URL}` as the payload. */
  url: string;
  /** Resolves once this many requests have come since the start. */
  arrived(count?: number): Promise<void>;
  /** Answers all waiting requests, and later ones as soon as they come. */
  open(): void;
}

/** @returns a gate that is closed; it opens and goes away when the test ends */
export async function openableGate(t: Pick<TestContext, 'after'>): Promise<Gate> {
  const waiting = new Set<ServerResponse>();
  let arrivals = 0;
  let isOpen = false;
  const server = createServer((_request, response) => {
    arrivals++;
    if (isOpen) response.end();
    else waiting.add(response);
    server.emit('arrival');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const open = () => {
    isOpen = true;
    for (const response of waiting) response.end();
    waiting.clear();
  };
  t.after(() => {
    open();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async arrived(count = 1) {
      while (arrivals < count) await once(server, 'arrival');
    },
    open,
  };
}
