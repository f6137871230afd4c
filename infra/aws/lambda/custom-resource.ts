/** Answers CloudFormation for a custom resource, whatever becomes of the work behind it. */
import type {
  CloudFormationCustomResourceEvent,
  CloudFormationCustomResourceResponse,
  CloudFormationCustomResourceUpdateEvent,
  Context,
} from 'aws-lambda';
import { log } from '#lib/logger.ts';

/** CloudFormation takes at most 4096 bytes, and the reason is the only long field. */
const maxReasonLength = 1000;
const attempts = 3;

/** The work behind a custom resource. */
export interface CustomResourceWork {
  /** Creates or updates the resource. @returns what becomes of it, for the log of CloudFormation */
  apply(event: CloudFormationCustomResourceEvent, context: Context): Promise<string>;
  /** Tells whether CloudFormation goes back to an older state. Nothing is done then. */
  isRollback(event: CloudFormationCustomResourceUpdateEvent): boolean;
}

/**
 * @param work that a Create or an Update causes; a Delete leaves everything as it is
 * @returns a Lambda handler. It throws only if CloudFormation can't be told, so that Lambda repeats the event
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html
 */
export function customResource(work: CustomResourceWork) {
  return async (event: CloudFormationCustomResourceEvent, context: Context): Promise<void> => {
    const { RequestId, StackId, LogicalResourceId } = event;
    const answer = (Status: 'SUCCESS' | 'FAILED', Reason: string): CloudFormationCustomResourceResponse => ({
      Status,
      Reason: Reason.slice(0, maxReasonLength),
      // Another identifier would make CloudFormation delete the old resource.
      PhysicalResourceId: event.RequestType === 'Create' ? LogicalResourceId : event.PhysicalResourceId,
      StackId,
      RequestId,
      LogicalResourceId,
    });
    let response: CloudFormationCustomResourceResponse;
    try {
      response = answer('SUCCESS', await reasonOf(event, context));
    } catch (error) {
      log.error('The custom resource failed', { error: error as Error }, context);
      const { name, message } = error as Error;
      response = answer('FAILED', `${name}: ${message}`);
    }
    await send(event.ResponseURL, response);
  };

  async function reasonOf(event: CloudFormationCustomResourceEvent, context: Context): Promise<string> {
    if (event.RequestType === 'Delete') return 'Nothing is deleted';
    if (event.RequestType === 'Update' && work.isRollback(event)) return 'Nothing goes back';
    return work.apply(event, context);
  }
}

/** @throws Error when the bucket refuses the answer, or can't be reached; the message does not have the signed URL */
async function send(url: string, response: CloudFormationCustomResourceResponse): Promise<void> {
  const body = JSON.stringify(response);
  let failure = '';
  for (let attempt = 0; attempt < attempts; attempt++) {
    try {
      // The URL is signed for a request without a content type.
      const { ok, status } = await fetch(url, { method: 'PUT', headers: { 'content-type': '' }, body });
      if (ok) return;
      failure = `status ${status}`;
    } catch (error) {
      failure = ((error as Error).cause as Error | undefined)?.message ?? (error as Error).message;
    }
  }
  throw new Error(`CloudFormation can't be told that ${response.LogicalResourceId} is ${response.Status}: ${failure}`);
}
