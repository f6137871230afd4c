/** Compares the example dashboard and alert rules, and the page of metrics, with what /metrics has. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { AuthApi } from './support/auth.ts';
import { until } from './support/until.ts';

const docs = join(import.meta.dirname, '../docs');
const read = (file: string) => readFileSync(join(docs, file), 'utf8');

/** A metric as its samples name it, with the labels of all its samples. */
type Metrics = Map<string, Set<string>>;

/** Names of metrics in PromQL: all of ours begin with one of these words. */
const names = /\b(?:http|lambda|cadastro|process)_[a-z_]+\b/g;

/** @returns the metrics in an expression, and the labels by which it selects or groups them */
function usesOf(expression: string): { metrics: string[]; labels: string[] } {
  const grouped = [...expression.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(','));
  const selected = [...expression.matchAll(/([a-z_]+) *(?:=|!=|=~|!~) *"/g)].map(([, label = '']) => label);
  return {
    metrics: expression.match(names) ?? [],
    // Prometheus adds `job` and `instance` itself.
    labels: [...grouped, ...selected].map((label) => label.trim()).filter((label) => label !== 'job'),
  };
}

/** @returns the metrics of a router with accounts that has answered a request */
async function scrape({ router }: AuthApi): Promise<Metrics> {
  const text = await (await fetch(`${router.statusUrl}/metrics`)).text();
  const metrics: Metrics = new Map();
  for (const line of text.split('\n')) {
    const [, name = '', labels = ''] = /^([a-z_]+)(?:\{(.*)\})? \S+$/.exec(line) ?? [];
    if (name === '') continue;
    const known = metrics.get(name) ?? new Set();
    for (const [, label = ''] of labels.matchAll(/([a-z_]+)="/g)) known.add(label);
    metrics.set(name, known);
  }
  return metrics;
}

describe('the examples for Prometheus and Grafana', () => {
  const api = new AuthApi();
  let metrics: Metrics;

  before(async () => {
    await api.start();
    const key = await api.createKey('tests', 'editor');
    // Each of these functions has metrics of its own, and the first write and read have durations.
    await api.call('POST /users', key, { name: 'Ada', email: 'ada@example.com' });
    await api.call('GET /users', key);
    await api.call('POST /sessions', undefined, { name: 'nobody', password: 'wrong' });
    metrics = await until('the metrics of functions', async () => {
      const found = await scrape(api);
      const expected = [
        'database_write_duration_seconds_count',
        'database_read_duration_seconds_count',
        'sign_in_failures_total',
      ];
      return expected.every((name) => found.has(`cadastro_${name}`)) && found;
    });
  });
  after(() => api.stop());

  const check = (expression: string) => {
    const { metrics: used, labels } = usesOf(expression);
    for (const name of used) assert.ok(metrics.has(name), `${name} is not in /metrics: ${expression}`);
    for (const label of labels) {
      assert.ok(
        used.some((name) => metrics.get(name)?.has(label)),
        `no metric has the label ${label}: ${expression}`,
      );
    }
    return used;
  };

  it('the dashboard shows metrics and labels that exist', () => {
    const { panels } = JSON.parse(read('monitoring/grafana-dashboard.json')) as {
      panels: { title: string; targets: { expr: string }[] }[];
    };
    const used = panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => check(expr)));
    assert.ok(used.length > 30);
  });

  it('each alert rule asks for metrics and labels that exist', () => {
    const rules = read('monitoring/alerts.yaml')
      .split(/^ +- alert: /m)
      .slice(1);
    for (const rule of rules) {
      const expression = /^ +expr: (.*?)^ +(?:for|labels):/ms.exec(rule)?.[1] ?? '';
      if (!expression.startsWith('up{')) assert.ok(check(expression).length > 0, rule);
    }
    assert.ok(rules.length > 10);
  });

  it('the page of operations lists every metric', () => {
    const page = read('operations.md');
    const section = page.slice(page.indexOf('## Metrics'), page.indexOf('## Probes'));
    const listed = new Set<string>();
    for (const [row] of section.matchAll(/^\| `.*$/gm)) {
      let prefix = '';
      for (const [, code = ''] of (row.split(' | ')[0] ?? '').matchAll(/`([^`]+)`/g)) {
        const name = code.startsWith('…') ? prefix + code.slice(1) : code;
        if (!code.startsWith('…')) prefix = code.replace(/_[a-z]+(?:_total)?$/, '');
        listed.add(name);
      }
    }
    const families = [...metrics.keys()].map((name) => name.replace(/_(?:bucket|sum|count)$/, ''));
    assert.deepEqual(
      [...new Set(families)].filter((name) => !listed.has(name)),
      [],
    );
    assert.deepEqual(
      [...listed].filter((name) => !families.includes(name)),
      [],
    );
  });
});
