/**
 * Draws the ratios to Fastify as an SVG bar chart: one group per workload, and a whisker from the lowest round to the highest.
 */
import type { Comparison } from '../compare.ts';
import { ratiosOf } from './ratios.ts';

/** Sizes in CSS pixels. */
const width = 760;
const labelWidth = 250;
const margin = 16;
const barHeight = 16;
const barGap = 6;
const titleHeight = 30;
const colors: Record<string, string> = { cadastro: '#0f766e', fastify: '#64748b', 'fastify-full': '#64748b' };
const otherColor = '#cbd5e1';

/** @returns the SVG document */
export function chart(comparisons: readonly Comparison[]): string {
  // Fastify is many times as fast as what other workloads are compared with, and would flatten these bars.
  const toFastify = comparisons.filter(({ workload }) => workload.contenders[1].name.startsWith('fastify'));
  const groups = toFastify.map((comparison) => ({
    title: comparison.workload.title,
    // The floor is several times as fast and would flatten the other bars.
    bars: ratiosOf(comparison).filter(({ contender }) => contender !== 'floor'),
  }));
  const most = Math.max(1, ...groups.flatMap(({ bars }) => bars.map(({ throughput }) => throughput.max))) * 1.05;
  const scale = (ratio: number) => labelWidth + (ratio / most) * (width - labelWidth - margin - 40);
  const parts: string[] = [];
  let y = margin;
  for (const { title, bars } of groups) {
    y += titleHeight;
    parts.push(text(margin, y - 8, title, 'font-weight="600"'));
    for (const { contender, title: name, throughput } of bars) {
      const middle = y + barHeight / 2;
      parts.push(
        text(labelWidth - 8, middle + 4, name, 'text-anchor="end"'),
        `<rect x="${labelWidth}" y="${y}" width="${(scale(throughput.median) - labelWidth).toFixed(1)}" height="${barHeight}" rx="2" fill="${colors[contender] ?? otherColor}"/>`,
        `<path d="M${scale(throughput.min).toFixed(1)} ${middle}H${scale(throughput.max).toFixed(1)}" stroke="#1e293b"/>`,
        text(scale(throughput.max) + 6, middle + 4, throughput.median.toFixed(2)),
      );
      y += barHeight + barGap;
    }
  }
  const height = y + margin + 14;
  const one = scale(1).toFixed(1);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12" role="img" aria-label="Requests per second as ratio to Fastify">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    `<path d="M${one} ${margin}V${height - margin - 6}" stroke="#94a3b8" stroke-dasharray="3 3"/>`,
    ...parts,
    text(Number(one), height - 8, 'as fast as Fastify', 'text-anchor="middle" fill="#64748b"'),
    '</svg>\n',
  ].join('\n');
}

function text(x: number, y: number, content: string, attributes = ''): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${x.toFixed(1)}" y="${y}" ${attributes}>${escaped}</text>`;
}
