/** The base class of the readers and writers of a run. */
import { setTimeout as pause } from 'node:timers/promises';
import { type Random, randomStream } from '../support/random.ts';
import { HttpClient } from './http.ts';
import type { KeySpace } from './keys.ts';
import type { Recorder } from './recorder.ts';

/** The parts of a run that a client needs. */
export interface ClientOptions {
  readonly name: string;
  /** The addresses of the routers. */
  readonly urls: readonly string[];
  readonly seed: number;
  readonly recorder: Recorder;
  readonly keys: KeySpace;
  /** The longest pause between two requests. */
  readonly maxPauseMs: number;
}

/** A simulated user. The seed and the client's name decide what it does. */
export abstract class Client {
  readonly name: string;
  protected readonly random: Random;
  protected readonly http: HttpClient;
  protected readonly recorder: Recorder;
  protected readonly keys: KeySpace;
  readonly #maxPauseMs: number;

  constructor({ name, urls, seed, recorder, keys, maxPauseMs }: ClientOptions) {
    this.name = name;
    this.random = randomStream(seed, name);
    this.http = new HttpClient(urls);
    this.recorder = recorder;
    this.keys = keys;
    this.#maxPauseMs = maxPauseMs;
  }

  /** Sends one request after the other until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    try {
      while (!signal.aborted) {
        await this.step();
        await pause(this.random.integer(0, this.#maxPauseMs));
      }
    } finally {
      this.http.close();
    }
  }

  /** Sends the next request, or a few that belong together. */
  protected abstract step(): Promise<void>;
}
