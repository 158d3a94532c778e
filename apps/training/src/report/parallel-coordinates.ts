import { decimals, escapeHtml } from './html.ts';

/** One axis: numbers on their scale, or words in their order. */
export type Axis =
  | { readonly name: string; readonly from: number; readonly to: number; readonly scale: 'even' | 'log' }
  | { readonly name: string; readonly words: readonly string[] };

/** One line across the axes that it has a value on. */
export interface Strand {
  readonly name: string;
  readonly values: Readonly<Record<string, number | string>>;
  /** In [0, 1]: 0 is drawn last and strongest. */
  readonly rank: number;
}

const [left, top, bottom, apart] = [70, 30, 300, 105] as const;

/** Strands over axes that stand side by side; where one has no value on an axis it goes on to the next. Source: A. Inselberg, "The Plane with Parallel Coordinates", 1985. */
export function parallelCoordinates(axes: readonly Axis[], strands: readonly Strand[], label: string): string {
  const width = left + (axes.length - 1) * apart + 70;
  const lines = strands
    .toSorted((one, other) => other.rank - one.rank)
    .map(({ name, values, rank }) => {
      const points = axes.flatMap((axis, index) => {
        const value = values[axis.name];
        const share = value === undefined ? undefined : placeOn(axis, value);
        return share === undefined ? [] : [`${left + index * apart},${(bottom - share * (bottom - top)).toFixed(1)}`];
      });
      const colour = `hsl(${Math.round(205 - 175 * rank)} 80% 45%)`;
      return `<polyline points="${points.join(' ')}" fill="none" stroke="${colour}" stroke-width="${(2.6 - 1.8 * rank).toFixed(1)}" opacity="${(0.95 - 0.6 * rank).toFixed(2)}"><title>${escapeHtml(name)}</title></polyline>`;
    });
  const frames = axes.map((axis, index) => axisFrame(axis, left + index * apart));
  return `<svg viewBox="0 0 ${width} ${bottom + 30}" style="max-width:${width}px" role="img" aria-label="${escapeHtml(label)}">${lines.join('\n')}${frames.join('\n')}</svg>`;
}

function axisFrame(axis: Axis, x: number): string {
  const marks =
    'words' in axis
      ? axis.words.map((word) => ({ text: word, y: bottom - (placeOn(axis, word) ?? 0) * (bottom - top) }))
      : [
          { text: figure(axis.to), y: top },
          { text: figure(axis.from), y: bottom },
        ];
  const texts = marks.map(({ text, y }) => `<text x="${x + 5}" y="${(y + 4).toFixed(1)}">${escapeHtml(text)}</text>`);
  return `<path d="M${x} ${top}V${bottom}" stroke="currentColor" opacity=".6"/>
<text x="${x}" y="${top - 12}" text-anchor="middle" font-weight="bold">${escapeHtml(axis.name)}</text>${texts.join('')}`;
}

/** In [0, 1] from the bottom; undefined where the value is not on the axis. */
function placeOn(axis: Axis, value: number | string): number | undefined {
  if ('words' in axis) {
    const index = axis.words.indexOf(String(value));
    if (index === -1) return undefined;
    return axis.words.length === 1 ? 0.5 : index / (axis.words.length - 1);
  }
  const number = Number(value);
  if (!Number.isFinite(number)) return undefined;
  const share =
    axis.scale === 'log'
      ? Math.log(number / axis.from) / Math.log(axis.to / axis.from)
      : (number - axis.from) / (axis.to - axis.from);
  return Number.isFinite(share) ? Math.min(1, Math.max(0, share)) : 0.5;
}

function figure(value: number): string {
  return Math.abs(value) >= 0.01 || value === 0 ? String(Number(value.toPrecision(4))) : decimals(value, 5);
}
