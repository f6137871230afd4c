/** Reads /metrics of a router. */
import type { Router } from './router.ts';

/** The value of each sample, by its name and labels as /metrics writes them. */
export type MetricSamples = Map<string, number>;

/** @returns all samples of the router at this moment */
export async function readMetrics({ statusUrl }: Pick<Router, 'statusUrl'>): Promise<MetricSamples> {
  const text = await (await fetch(`${statusUrl}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}
