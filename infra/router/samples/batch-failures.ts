/**
 * Says in words which records of a batch an answer gives back to Lambda.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
 */

/**
 * @param event the event, which may be a batch of SQS, Kinesis or a DynamoDB stream
 * @param answer the function's answer, as parsed JSON
 * @returns one sentence; undefined where the answer says nothing of a batch
 */
export function describeBatch(event: unknown, answer: unknown): string | undefined {
  const { Records: records } = Object(event) as { Records?: unknown };
  const { batchItemFailures: failures } = Object(answer) as { batchItemFailures?: unknown };
  if (!Array.isArray(records) || failures === undefined) return undefined;
  const prefix = `Batch of ${records.length}:`;
  const ids = records.map(idOf);
  if (ids.includes(undefined)) return undefined;
  if (failures !== null && !Array.isArray(failures))
    return `${prefix} Lambda would deliver all again, because batchItemFailures is no list`;
  const failed = (failures ?? []).map((one) => (Object(one) as { itemIdentifier?: unknown }).itemIdentifier);
  if (failed.length === 0) return `${prefix} no record failed`;
  const stranger = failed.find((id) => !ids.includes(id as string));
  if (stranger !== undefined || failed.includes(undefined)) {
    const what =
      stranger === undefined ? 'a failure has no itemIdentifier' : `${JSON.stringify(stranger)} is no record's`;
    return `${prefix} Lambda would deliver all again, because ${what}`;
  }
  const indexes = [...new Set(failed.map((id) => ids.indexOf(id as string)))].sort((a, b) => a - b);
  const isStream = (records[0] as { eventSource?: string }).eventSource !== 'aws:sqs';
  const first = indexes[0] as number;
  // A stream is read on from its first failure, in order.
  const again = isStream ? records.map((_, index) => index).slice(first) : indexes;
  const list = again.map((index) => `${index + 1} (${ids[index]})`).join(', ');
  return `${prefix} ${indexes.length} failed; Lambda would deliver again record ${list}`;
}

/** @returns the identifier by which an answer names a record; undefined for a record of another service */
function idOf(record: unknown): string | undefined {
  const { messageId, dynamodb, kinesis } = Object(record) as {
    messageId?: string;
    dynamodb?: { SequenceNumber?: string };
    kinesis?: { sequenceNumber?: string };
  };
  return messageId ?? dynamodb?.SequenceNumber ?? kinesis?.sequenceNumber;
}
