/** Draws a sweep as an SVG line chart: the ratio to the reference against the size, one line for each server. */
import type { Sweep } from '../sweep.ts';

/** Sizes in CSS pixels. */
const width = 760;
const height = 380;
const left = 48;
const right = 200;
const top = 40;
const bottom = 48;
/** The least distance between the names at the ends of two lines. */
const labelHeight = 15;

/** cadastro, the reference, and the others in turn. */
const colors = ['#0f766e', '#64748b', '#b45309', '#7c3aed', '#be123c', '#0369a1'];

/** @returns the SVG document */
export function lineChart({ title, unit, contenders, rows }: Sweep): string {
  const names = Object.keys(contenders);
  const ratioAt = (row: number, name: string) =>
    rows[row]?.figures.find(({ contender }) => contender === name)?.ratio.median ?? Number.NaN;
  const ratios = rows.flatMap((_, row) => names.map((name) => ratioAt(row, name)));
  const most = Math.ceil(Math.max(...ratios) * 5) / 5;
  const x = (row: number) => left + (row / Math.max(1, rows.length - 1)) * (width - left - right);
  const y = (ratio: number) => height - bottom - (ratio / most) * (height - top - bottom);
  const steps = Array.from({ length: Math.floor(most / 0.2) + 1 }, (_, step) => step / 5);
  const grid = steps.map(
    (ratio) =>
      `<path d="M${left} ${y(ratio).toFixed(1)}H${width - right}" stroke="${ratio === 1 ? '#64748b' : '#e2e8f0'}"/>` +
      text(left - 8, y(ratio) + 4, ratio.toFixed(1), 'text-anchor="end" fill="#64748b"'),
  );
  const sizes = rows.map(({ size }, row) =>
    text(x(row), height - bottom + 18, size.toLocaleString('en'), 'text-anchor="middle" fill="#64748b"'),
  );
  const lines = names.map((name, index) => {
    const points = rows.map((_, row) => `${x(row).toFixed(1)},${y(ratioAt(row, name)).toFixed(1)}`);
    const weight = index === 0 ? 3 : 1.5;
    return `<polyline points="${points.join(' ')}" fill="none" stroke="${colors[index]}" stroke-width="${weight}"/>`;
  });
  const ends = names
    .map((name, index) => ({ name, index, at: y(ratioAt(rows.length - 1, name)) }))
    .sort((a, b) => a.at - b.at);
  let lowest = 0;
  const labels = ends.map(({ name, index, at }) => {
    lowest = Math.max(at, lowest + labelHeight);
    return text(width - right + 8, lowest + 4, contenders[name] ?? name, `fill="${colors[index]}"`);
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12" role="img" aria-label="${escaped(title)}: requests per second as ratio to ${escaped(contenders[names[1] ?? ''] ?? '')}, by ${unit}">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    text(left, 22, `${title}: requests per second as ratio to ${contenders[names[1] ?? '']}`, 'font-weight="600"'),
    ...grid,
    ...sizes,
    text((left + width - right) / 2, height - 10, unit, 'text-anchor="middle" fill="#64748b"'),
    ...lines,
    ...labels,
    '</svg>\n',
  ].join('\n');
}

function text(x: number, y: number, content: string, attributes = ''): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${attributes}>${escaped(content)}</text>`;
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
