/** Receives the body of a form whole, before Astro begins a page, and bounds the size of all forms in memory. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type MemoryClaim, MemoryLimit } from '../../../infra/http/memory-limit.ts';
import { clientKeyHeader } from './client-address.ts';
import { cutRequest } from './client-error.ts';
import type { Refusal } from './request-checks.ts';
import { retryLater } from './request-limits.ts';
import { sendContinue } from './responses.ts';

/** The part of the settings that forms need. */
export interface FormSettings {
  maxBodyBytes: number;
  maxFormBytes: number;
  maxClientFormBytes: number;
  maxFormFields: number;
}

/** The only type of the site's forms. A comma would begin a second type, and Astro would use that one. */
const formType = /^application\/x-www-form-urlencoded\s*(?:;[^,]*)?$/i;
const unsupported = { status: 415, text: 'Send the form as application/x-www-form-urlencoded, not compressed.' };

/**
 * Makes the function that receives forms. It counts the bytes that have arrived, not those that a client announces: to
 * announce a megabyte costs a client nothing.
 * @returns a function that resolves to the body; to a refusal; or to undefined when the client is gone
 */
export function createFormReceiver({ maxBodyBytes, maxFormBytes, maxClientFormBytes, maxFormFields }: FormSettings) {
  const maxBytes = Math.min(maxBodyBytes, maxFormBytes, maxClientFormBytes);
  const tooLarge = { status: 413, text: `The request is larger than ${maxBytes} bytes. Send less at once.` };
  const tooMany = { status: 413, text: `The form has more than ${maxFormFields} fields. Send fewer at once.` };
  const busy = { status: 503, text: 'The site is busy with other forms. Try again later.', headers: retryLater };
  const clientBusy = {
    ...busy,
    status: 429,
    text: 'The site is busy with other forms of your address. Try again later.',
  };
  /** A form that has arrived stays in memory until its response is closed. */
  const memory = new MemoryLimit(maxFormBytes, maxClientFormBytes);

  return function receive(request: IncomingMessage, response: ServerResponse): Promise<Buffer | Refusal | undefined> {
    const { 'content-type': type, 'content-length': length, 'content-encoding': coding } = request.headers;
    if (coding !== undefined || (type !== undefined && !formType.test(type))) return Promise.resolve(unsupported);
    if (Number(length ?? 0) > maxBytes) return Promise.resolve(tooLarge);
    sendContinue(request, response);
    return new Promise((resolve) => {
      const client = String(request.headers[clientKeyHeader]);
      const claim: MemoryClaim = { bytes: 0, client };
      let chunks: Buffer[] = [];

      const end = (result: Buffer | Refusal | undefined) => {
        memory.goesOn(claim);
        request.off('data', add);
        chunks = [];
        resolve(result);
      };
      const refuse = (refusal: Refusal) => {
        memory.giveBack(claim);
        end(refusal);
      };
      const giveWay = () => {
        end(undefined);
        cutRequest(request);
      };
      const add = (chunk: Buffer) => {
        if (claim.bytes + chunk.length > maxBytes) refuse(tooLarge);
        else if (memory.take(claim, chunk.length)) {
          chunks.push(chunk);
          memory.waits(claim, giveWay);
        } else refuse(memory.isClientFull(client, chunk.length) ? clientBusy : busy);
      };
      request.on('data', add);
      request.once('end', () => {
        const body = Buffer.concat(chunks);
        if (hasMoreFields(body, maxFormFields)) refuse(tooMany);
        else end(body);
      });
      response.once('close', () => {
        memory.giveBack(claim);
        end(undefined);
      });
    });
  };
}

/** Counts without parsing: Astro would build an object for each field first. */
function hasMoreFields(body: Buffer, maxFields: number): boolean {
  let fields = 1;
  for (let at = body.indexOf('&'); at !== -1 && fields <= maxFields; at = body.indexOf('&', at + 1)) fields++;
  return fields > maxFields;
}
