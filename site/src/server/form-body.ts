/** Receives the body of a form whole, before Astro begins a page, and bounds the size of all forms in memory. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { cutRequest } from './client-error.ts';
import type { Refusal } from './request-checks.ts';
import { retryLater } from './request-limits.ts';
import { sendContinue } from './responses.ts';

/** The part of the settings that forms need. */
export interface FormSettings {
  maxBodyBytes: number;
  maxFormBytes: number;
  maxFormFields: number;
}

/** The only type of the site's forms. A comma would begin a second type, and Astro would use that one. */
const formType = /^application\/x-www-form-urlencoded\s*(?:;[^,]*)?$/i;
const unsupported = { status: 415, text: 'Send the form as application/x-www-form-urlencoded, not compressed.' };

/** The bytes of one form that have arrived, and that stay in memory until its response is closed. */
interface Claim {
  bytes: number;
}

/**
 * Makes the function that receives forms. It counts the bytes that have arrived, not those that a client announces: to
 * announce a megabyte costs a client nothing.
 * @returns a function that resolves to the body; to a refusal; or to undefined when the client is gone
 */
export function createFormReceiver({ maxBodyBytes, maxFormBytes, maxFormFields }: FormSettings) {
  const maxBytes = Math.min(maxBodyBytes, maxFormBytes);
  const tooLarge = { status: 413, text: `The request is larger than ${maxBytes} bytes. Send less at once.` };
  const tooMany = { status: 413, text: `The form has more than ${maxFormFields} fields. Send fewer at once.` };
  const busy = { status: 503, text: 'The site is busy with other forms. Try again later.', headers: retryLater };
  /** The forms that are still arriving, the oldest first. */
  const arriving = new Map<IncomingMessage, Claim>();
  let usedBytes = 0;

  function release(claim: Claim): void {
    usedBytes -= claim.bytes;
    claim.bytes = 0;
  }

  /**
   * Takes memory for a piece of a form. When there is too little, the oldest form that is still arriving gives way.
   * @returns false if this is the form that must give way
   */
  function take(request: IncomingMessage, claim: Claim, bytes: number): boolean {
    while (usedBytes + bytes > maxFormBytes) {
      const [oldest] = arriving;
      if (!oldest || oldest[0] === request) return false;
      arriving.delete(oldest[0]);
      release(oldest[1]);
      cutRequest(oldest[0]);
    }
    claim.bytes += bytes;
    usedBytes += bytes;
    return true;
  }

  return function receive(request: IncomingMessage, response: ServerResponse): Promise<Buffer | Refusal | undefined> {
    const { 'content-type': type, 'content-length': length, 'content-encoding': coding } = request.headers;
    if (coding !== undefined || (type !== undefined && !formType.test(type))) return Promise.resolve(unsupported);
    if (Number(length ?? 0) > maxBytes) return Promise.resolve(tooLarge);
    sendContinue(request, response);
    return new Promise((resolve) => {
      const claim: Claim = { bytes: 0 };
      let chunks: Buffer[] = [];
      arriving.set(request, claim);

      const end = (result: Buffer | Refusal | undefined) => {
        arriving.delete(request);
        request.off('data', add);
        chunks = [];
        resolve(result);
      };
      const refuse = (refusal: Refusal) => {
        release(claim);
        end(refusal);
      };
      const add = (chunk: Buffer) => {
        if (claim.bytes + chunk.length > maxBytes) refuse(tooLarge);
        else if (take(request, claim, chunk.length)) chunks.push(chunk);
        else refuse(busy);
      };
      request.on('data', add);
      request.once('end', () => {
        const body = Buffer.concat(chunks);
        if (hasMoreFields(body, maxFormFields)) refuse(tooMany);
        else end(body);
      });
      response.once('close', () => {
        release(claim);
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
