/** Runs the schedules of the functions: puts an event into the queue of asynchronous invocations whenever one is due. */
import { randomUUID } from 'node:crypto';
import type { EventQueue } from '../control/event-queue.ts';
import type { FunctionConfiguration } from '../manifest.ts';
import { log } from '../process/log.ts';
import { type NextRun, parseExpression } from './next-run.ts';
import type { ScheduleConfiguration } from './schedule-configuration.ts';
import { type ScheduleEventSource, scheduleEvent } from './schedule-event.ts';

/** After this time a timer looks at the clock again, because timers stand still while a computer sleeps (ms). */
const maxTimerMs = 60_000;

interface RunningSchedule {
  functionName: string;
  schedule: ScheduleConfiguration;
  nextRun: NextRun;
  /** Milliseconds since the epoch, like `dueMs`. */
  startedMs: number;
  dueMs: number | undefined;
  timer: NodeJS.Timeout | undefined;
}

type FunctionSchedules = Pick<FunctionConfiguration, 'name' | 'schedules'>;

/**
 * The schedules of one router. A run does not wait for the one before it, as on AWS: reservedConcurrentExecutions throttles, and
 * the queue tries again. Runs that fall into a sleep of the computer are left out.
 */
export class Scheduler {
  readonly #queue: Pick<EventQueue, 'add'>;
  readonly #source: ScheduleEventSource;
  /** By function, name and time of run. */
  readonly #running = new Map<string, RunningSchedule>();

  constructor(queue: Pick<EventQueue, 'add'>, source: ScheduleEventSource) {
    this.#queue = queue;
    this.#source = source;
  }

  /**
   * Starts new schedules, and ends those that are gone. A schedule whose times did not change keeps them, so that a reload neither
   * runs it twice nor puts it off.
   */
  update(functions: FunctionSchedules[]): void {
    const gone = new Set(this.#running.keys());
    for (const { name: functionName, schedules } of functions) {
      for (const schedule of schedules) {
        const { name, expression, timezone, service } = schedule;
        const key = [functionName, name, expression, timezone, service].join(' ');
        gone.delete(key);
        const running = this.#running.get(key);
        if (running) running.schedule = schedule;
        else this.#running.set(key, this.#start(functionName, schedule));
      }
    }
    for (const key of gone) {
      clearTimeout(this.#running.get(key)?.timer);
      this.#running.delete(key);
    }
  }

  /** Ends all schedules. */
  stop(): void {
    this.update([]);
  }

  #start(functionName: string, schedule: ScheduleConfiguration): RunningSchedule {
    const { expression, timezone, service } = schedule;
    const nextRun = parseExpression(expression, timezone, service);
    const startedMs = Date.now();
    const dueMs = nextRun(startedMs - 1, startedMs);
    const running: RunningSchedule = { functionName, schedule, nextRun, startedMs, dueMs, timer: undefined };
    log.info('Schedule begins', { ...fieldsOf(running), next: timeOf(dueMs) });
    this.#wait(running);
    return running;
  }

  #wait(running: RunningSchedule): void {
    const { dueMs } = running;
    if (dueMs === undefined) return;
    running.timer = setTimeout(
      () => {
        // Timers may fire a millisecond early.
        if (Date.now() >= dueMs) this.#run(running, dueMs);
        this.#wait(running);
      },
      Math.max(0, Math.min(maxTimerMs, dueMs - Date.now())),
    );
  }

  #run(running: RunningSchedule, dueMs: number): void {
    const { functionName, schedule, nextRun, startedMs } = running;
    const requestId = randomUUID();
    const payload = Buffer.from(scheduleEvent(schedule, dueMs, this.#source));
    running.dueMs = nextRun(Date.now(), startedMs);
    const fields = { ...fieldsOf(running), requestId, next: timeOf(running.dueMs) };
    if (this.#queue.add({ functionName, requestId, payload })) log.info('Schedule runs', fields);
    else log.error('A run of the schedule is left out: the event queue has no room', fields);
  }
}

function fieldsOf({ functionName, schedule }: RunningSchedule) {
  return { function: functionName, schedule: schedule.name, expression: schedule.expression };
}

function timeOf(ms: number | undefined): string {
  return ms === undefined ? 'never' : new Date(ms).toISOString();
}
