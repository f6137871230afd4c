/** What readers and writers of a run have in common. */
import { setTimeout as pause } from 'node:timers/promises';
import { type Random, randomStream } from '../support/random.ts';
import { HttpClient } from './http.ts';
import type { KeySpace } from './keys.ts';
import type { Recorder } from './recorder.ts';

export interface ClientOptions {
  readonly name: string;
  readonly url: string;
  readonly seed: number;
  readonly recorder: Recorder;
  readonly keys: KeySpace;
  /** Milliseconds between two requests, at most. */
  readonly pace: number;
}

export abstract class Client {
  readonly name: string;
  protected readonly random: Random;
  protected readonly http: HttpClient;
  protected readonly recorder: Recorder;
  protected readonly keys: KeySpace;
  readonly #pace: number;

  constructor({ name, url, seed, recorder, keys, pace }: ClientOptions) {
    this.name = name;
    this.random = randomStream(seed, name);
    this.http = new HttpClient(url);
    this.recorder = recorder;
    this.keys = keys;
    this.#pace = pace;
  }

  /** One request after the other until it is told to stop. */
  async run(signal: AbortSignal): Promise<void> {
    try {
      while (!signal.aborted) {
        await this.step();
        await pause(this.random.integer(0, this.#pace));
      }
    } finally {
      this.http.close();
    }
  }

  protected abstract step(): Promise<void>;
}
