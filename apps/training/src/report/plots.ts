import { decimals, escapeHtml } from './html.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Line {
  readonly name: string;
  readonly points: readonly Point[];
}

interface Range {
  readonly from: number;
  readonly to: number;
}

const [left, right, top, bottom] = [64, 620, 16, 240] as const;
/** Told apart by those who see fewer colours, on light and on dark. Source: M. Okabe and K. Ito, 2008. */
const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'] as const;

/** Lines over common axes, with their names beside their colours. Points that are not finite are left out. */
export function linePlot(lines: readonly Line[], label: string): string {
  const shown = lines.map(({ name, points }) => ({
    name,
    points: points.filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y)),
  }));
  const all = shown.flatMap(({ points }) => points);
  if (all.length === 0) return '<p>Nothing was measured on the way.</p>';
  const [x, y] = [rangeOf(all.map((point) => point.x)), rangeOf(all.map((point) => point.y))];
  const at = placer(x, y);
  const paths = shown.map(({ name, points }, index) => {
    const colour = colours[index % colours.length];
    const dots = points.map((point) => `<circle cx="${at(point).x}" cy="${at(point).y}" r="2.5" fill="${colour}"/>`);
    const path = points.map((point) => `${at(point).x},${at(point).y}`).join(' ');
    return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="1.5"/>${dots.join('')}
<text x="${left}" y="${bottom + 38 + index * 18}" fill="${colour}">■ ${escapeHtml(name)}</text>`;
  });
  return svg(label, bottom + 34 + shown.length * 18, `${axes(x, y)}${paths.join('\n')}`);
}

/** Mean label over mean prediction, both axes alike, beside the line on which they are equal. */
export function calibrationPlot(points: readonly Point[], label: string): string {
  const most = Math.max(1e-9, ...points.flatMap(({ x, y }) => [x, y]));
  const range = { from: 0, to: most };
  const at = placer(range, range);
  const dots = points.map((point) => `<circle cx="${at(point).x}" cy="${at(point).y}" r="4" fill="${colours[0]}"/>`);
  const even = `<path d="M${left} ${bottom}L${right} ${top}" stroke="currentColor" stroke-dasharray="4" opacity=".4"/>`;
  return svg(label, bottom + 24, `${axes(range, range)}${even}${dots.join('')}`);
}

/** Bars from 0, one a name; a value below 0 has none. */
export function bars(values: readonly { readonly name: string; readonly value: number }[], label: string): string {
  const most = Math.max(1e-12, ...values.map(({ value }) => value));
  const lines = values.map(({ name, value }, index) => {
    const width = (Math.max(0, value) / most) * 330;
    return `<text x="190" y="${20 + index * 20}" text-anchor="end">${escapeHtml(short(name))}</text>
<rect x="198" y="${9 + index * 20}" width="${width.toFixed(1)}" height="14" fill="${colours[0]}"/>
<text x="${(204 + width).toFixed(1)}" y="${20 + index * 20}">${decimals(value, 5)}</text>`;
  });
  return svg(label, 16 + values.length * 20, lines.join('\n'));
}

function svg(label: string, height: number, content: string): string {
  return `<svg viewBox="0 0 640 ${height}" role="img" aria-label="${escapeHtml(label)}">${content}</svg>`;
}

function axes(x: Range, y: Range): string {
  return `<path d="M${left} ${top}V${bottom}H${right}" fill="none" stroke="currentColor" opacity=".5"/>
<text x="${left - 6}" y="${bottom}" text-anchor="end">${decimals(y.from)}</text>
<text x="${left - 6}" y="${top + 8}" text-anchor="end">${decimals(y.to)}</text>
<text x="${left}" y="${bottom + 16}">${decimals(x.from, 2)}</text>
<text x="${right}" y="${bottom + 16}" text-anchor="end">${decimals(x.to, 2)}</text>`;
}

function placer(x: Range, y: Range): (point: Point) => { readonly x: string; readonly y: string } {
  const share = (value: number, { from, to }: Range): number => (value - from) / (to - from || 1);
  return (point) => ({
    x: (left + share(point.x, x) * (right - left)).toFixed(1),
    y: (bottom - share(point.y, y) * (bottom - top)).toFixed(1),
  });
}

function rangeOf(values: readonly number[]): Range {
  return { from: Math.min(...values), to: Math.max(...values) };
}

function short(name: string): string {
  return name.length > 26 ? `${name.slice(0, 25)}…` : name;
}
