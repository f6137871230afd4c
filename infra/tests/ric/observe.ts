/** Runs programs on routers, and reduces all that can be seen of each invocation to a form that two runs have in common. */
import type { Program } from '../fixtures/program.ts';
import type { LogLine, Router } from '../support/router.ts';

/** All that can be seen of one invocation. */
export interface Observation {
  status: number;
  headers: Record<string, string>;
  body: unknown;
  logs: unknown[];
}

type Answer = Omit<Observation, 'logs'> & { requestId: string };

const comparedHeaders = ['content-type', 'x-a', 'set-cookie', 'x-amz-function-error'];

/** Removes what differs from one run to the next: ids, places in files, and the lines of a stack. */
function withoutAccidents(text: string): string {
  return (
    text
      .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'ID')
      .replaceAll(/Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0/g, 'TRACE')
      .replaceAll(/\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}/g, 'STREAM')
      .replaceAll(/\n +at [^\n]+/g, '')
      .replaceAll(/\nRequire stack:(\n- [^\n]+)+/g, '')
      // Our client adds the names that exist.
      .replaceAll(/; the module exports [^\n]+/g, '')
  );
}

/** A reviver for JSON: keeps the first line of a stack, and of a trace id that there is one. */
function withoutStack(key: string, value: unknown): unknown {
  if (key === 'trace_id') return 'TRACE';
  if ((key === 'stackTrace' || key === 'trace') && Array.isArray(value)) return value.slice(0, 1);
  if (key === 'stackTrace' && typeof value === 'string') return value.split('\n')[0];
  return typeof value === 'string' ? withoutAccidents(value) : value;
}

async function read(response: Response): Promise<Answer> {
  const headers = Object.fromEntries(comparedHeaders.map((name) => [name, response.headers.get(name) ?? '']));
  const requestId = response.headers.get('x-request-id') ?? response.headers.get('x-amzn-requestid') ?? '';
  const text = await response.text().catch(() => '"(broken off)"');
  let body: unknown;
  try {
    body = JSON.parse(text, withoutStack);
  } catch {
    body = withoutAccidents(text);
  }
  return { requestId, status: response.status, headers, body };
}

/** Invokes a function over the Invoke API. */
async function invoke(router: Router, name: string, program: Program): Promise<Answer> {
  const url = `${router.controlUrl}/2015-03-31/functions/${name}/invocations`;
  return read(await fetch(url, { method: 'POST', body: JSON.stringify(program) }));
}

/** Invokes a function over HTTP. */
async function request(router: Router, name: string, program: Program): Promise<Answer> {
  const headers = { 'content-type': 'application/json' };
  return read(await fetch(`${router.url}/${name}`, { method: 'POST', headers, body: JSON.stringify(program) }));
}

/**
 * Runs programs one after the other, each over HTTP and over the Invoke API.
 * @returns their answers, in order
 */
export async function runAll(router: Router, name: string, programs: readonly Program[]): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const program of programs) {
    answers.push(await request(router, name, program), await invoke(router, name, program));
  }
  return answers;
}

/**
 * Adds the logs to answers. The router must have been stopped, so that it has written all of them.
 * @param crashes leaves out how a crash is logged, which differs (decision 011)
 */
export function withLogs(router: Router, answers: readonly Answer[], { crashes = false } = {}): Observation[] {
  const byId = Map.groupBy(router.logs, ({ requestId }) => requestId);
  return answers.map(({ requestId, ...answer }) => {
    const lines = (byId.get(requestId) ?? []).filter((line) => isOfHandler(line) && !(crashes && isCrashReport(line)));
    return { ...answer, logs: lines.map(reduce) };
  });
}

/** Whether the function has written a line, and not the router. */
function isOfHandler({ function: name, reason }: LogLine): boolean {
  return name !== undefined && reason === undefined;
}

/** One line of level FATAL under our client, and lines of stderr under aws-lambda-ric. */
function isCrashReport({ level, message }: LogLine): boolean {
  return level === 'FATAL' || (level === 'ERROR' && typeof message === 'string');
}

function reduce({ timestamp: _time, requestId: _id, function: _name, ...rest }: LogLine): unknown {
  return JSON.parse(JSON.stringify(rest), withoutStack);
}
