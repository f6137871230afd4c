import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import Registry from 'prom-client/lib/registry.js';
import { EmbeddedMetrics } from './embedded-metrics.ts';

/** @returns a line in the embedded metric format */
function lineOf(
  metrics: [name: string, unit: string, value: unknown][],
  dimensions: Record<string, string> = {},
  more = {},
) {
  const Metrics = metrics.map(([Name, Unit]) => ({ Name, Unit }));
  const directive = { Namespace: 'shop', Dimensions: [[], Object.keys(dimensions)], Metrics };
  const values = Object.fromEntries(metrics.map(([name, , value]) => [name, value]));
  return JSON.stringify({ _aws: { Timestamp: 1, CloudWatchMetrics: [directive] }, ...dimensions, ...values, ...more });
}

function stage() {
  const registry = new Registry();
  const metrics = new EmbeddedMetrics(registry);
  return {
    take: (line: string, name = 'f') => metrics.take(line, name),
    /** @returns the samples by name and labels, as /metrics writes them */
    async samples(): Promise<Record<string, number>> {
      const lines = (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
      return Object.fromEntries(lines.map((line) => [line.replace(/ \S+$/, ''), Number(line.split(' ').at(-1))]));
    },
  };
}

describe('metrics in the log of functions', () => {
  it('are added up, by function and dimension', async () => {
    const { take, samples } = stage();
    assert.equal(take(lineOf([['OrdersPlaced', 'Count', 2]], { country: 'br' })), true);
    assert.equal(take(lineOf([['OrdersPlaced', 'Count', [1, 1]]], { country: 'br' })), true);
    assert.equal(take(lineOf([['OrdersPlaced', 'Count', 5]], { country: 'pt' }), 'g'), true);
    const found = await samples();
    assert.equal(found['shop_orders_placed_total{country="br",function="f"}'], 4);
    assert.equal(found['shop_orders_placed_total{country="pt",function="g"}'], 5);
  });

  it('become histograms of seconds where they are times', async () => {
    const { take, samples } = stage();
    take(lineOf([['PackDuration', 'Milliseconds', [4, 40]]]));
    take(lineOf([['PackDuration', 'Microseconds', 400]]));
    const found = await samples();
    assert.equal(found['shop_pack_duration_seconds_count{function="f"}'], 3);
    assert.equal(found['shop_pack_duration_seconds_bucket{le="0.005",function="f"}'], 2);
    assert.ok(Math.abs((found['shop_pack_duration_seconds_sum{function="f"}'] ?? 0) - 0.0444) < 1e-9);
  });

  it('leave a line in the log that says more, and any other line', async () => {
    const { take, samples } = stage();
    assert.equal(take(lineOf([['OrdersPlaced', 'Count', 1]], {}, { requestId: 'r' })), false);
    assert.equal((await samples())['shop_orders_placed_total{function="f"}'], 1);
    for (const line of ['{"message":"x"}', '"_aws"', '{"_aws"', '{"_aws":1}', '{"_aws":null}', '[{"_aws":{}}]']) {
      assert.equal(take(line), false, line);
    }
  });

  it('are dropped, and counted, where Prometheus has no form for them', async () => {
    const { take, samples } = stage();
    take(
      lineOf([
        ['Basket', 'Bytes', 1],
        ['Bad', 'Count', -1],
        ['Worse', 'Count', 'x'],
      ]),
    );
    // The names of other metrics and of labels that Prometheus and the router use themselves.
    take(lineOf([['OrdersPlaced', 'Count', 1]], { le: '1' }));
    take(lineOf([['OrdersPlaced', 'Count', 1]], { environment: '1' }));
    take(
      '{"_aws":{"CloudWatchMetrics":[{"Namespace":"lambda","Metrics":[{"Name":"EmbeddedMetricsDropped","Unit":"Count"}]}]},"EmbeddedMetricsDropped":9}',
    );
    take(lineOf([['OrdersPlaced', 'Count', 1]]));
    take(lineOf([['OrdersPlaced', 'Count', 1]], { country: 'br' }));
    const found = await samples();
    assert.equal(found['lambda_embedded_metrics_dropped_total{function="f"}'], 5);
    assert.equal(found['shop_orders_placed_total{function="f"}'], 1);
    assert.equal(found['shop_bad_total{function="f"}'], 0);
  });

  it('have a bounded number of names and of series', async () => {
    const { take, samples } = stage();
    for (let i = 0; i < 300; i++) {
      take(lineOf([['Visits', 'Count', 1]], { visitor: `v${i}` }));
      take(lineOf([[`Metric${i}`, 'Count', 1]]));
    }
    const names = Object.keys(await samples());
    assert.equal(names.filter((name) => name.startsWith('shop_visits_total')).length, 200);
    assert.equal(names.filter((name) => name.startsWith('shop_metric')).length, 199);
  });

  it('can hold any text as a dimension', async () => {
    const { take, samples } = stage();
    take(lineOf([['Visits', 'Count', 1]], { page: 'a"\n\\', __proto__x: 'b' }));
    take(lineOf([['Views', 'Count', 1]], { page: `"\n\\${'x'.repeat(500)}` }));
    const [name = ''] = Object.keys(await samples()).filter((one) => one.startsWith('shop_views_total'));
    assert.ok(name.length > 200 && name.length < 300, name);
  });
});
