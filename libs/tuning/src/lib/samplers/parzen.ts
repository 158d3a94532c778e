import {
  isChoice,
  isMeant,
  type NumberParameter,
  type Parameter,
  type Point,
  shareOf,
  type Space,
  valueAt,
} from '../parameter.ts';

/**
 * A density over the points of a space, from points in it: the mean of a kernel around each and of one kernel that is even everywhere. A kernel
 * is a product over the parameters that mean something, a normal density cut off at the range's ends for a number, its own word and a
 * share of the others for a choice; what its own point does not have is even in it. Numbers of a tree of conditions thus need no filling in.
 * Sources: J. Bergstra et al., "Algorithms for Hyper-Parameter Optimization", 2011 (widths by the neighbours); S. Falkner et al., "BOHB", 2018 (kernels of
 * several dimensions); S. Watanabe, "Tree-Structured Parzen Estimator: Understanding Its Algorithm Components", 2023 (bounds of the widths).
 */
export class ParzenDensity {
  readonly #space: Space;
  readonly #points: readonly Point[];
  /** Deviation of the kernel around each point, by parameter: a share of its range. */
  readonly #widths: ReadonlyMap<string, ReadonlyMap<Point, number>>;

  constructor(space: Space, points: readonly Point[]) {
    this.#space = space;
    this.#points = points;
    this.#widths = new Map(
      space.flatMap((parameter) => (isChoice(parameter) ? [] : [[parameter.name, widthsOf(parameter, points)]])),
    );
  }

  /** A point drawn from it. `random`: uniform in [0, 1). */
  draw(random: () => number): Point {
    const around = this.#points[Math.floor(random() * (this.#points.length + 1))] ?? nowhere;
    const drawn: Record<string, number | string> = {};
    for (const parameter of this.#space)
      if (isMeant(parameter, drawn)) drawn[parameter.name] = this.#near(parameter, around, random);
    return drawn;
  }

  /** Logarithm of the density at a point, numbers by their share of the range. */
  logDensity(point: Point): number {
    const kernels = [...this.#points, nowhere].map((around) =>
      this.#space.reduce((sum, parameter) => {
        const value = point[parameter.name];
        return value === undefined ? sum : sum + this.#logKernel(parameter, around, value);
      }, 0),
    );
    const largest = Math.max(...kernels);
    return largest + Math.log(kernels.reduce((sum, one) => sum + Math.exp(one - largest), 0) / kernels.length);
  }

  #near(parameter: Parameter, point: Point, random: () => number): number | string {
    const around = point[parameter.name];
    if (isChoice(parameter)) {
      const { choices } = parameter;
      const stays = around !== undefined && random() < this.#staying(choices.length);
      return stays ? around : choices[Math.floor(random() * choices.length)]!;
    }
    if (around === undefined) return valueAt(parameter, random());
    const [centre, width] = [shareOf(parameter, Number(around)), this.#widthOf(parameter, point)];
    for (;;) {
      const share = centre + width * normal(random);
      if (share >= 0 && share <= 1) return valueAt(parameter, share);
    }
  }

  #logKernel(parameter: Parameter, point: Point, value: number | string): number {
    const around = point[parameter.name];
    if (isChoice(parameter)) {
      const even = 1 / parameter.choices.length;
      if (around === undefined) return Math.log(even);
      const stays = this.#staying(parameter.choices.length);
      return Math.log((1 - stays) * even + (around === value ? stays : 0));
    }
    if (around === undefined) return 0;
    const [centre, share] = [shareOf(parameter, Number(around)), shareOf(parameter, Number(value))];
    const width = this.#widthOf(parameter, point);
    const inside = normalBelow((1 - centre) / width) - normalBelow(-centre / width);
    return -(((share - centre) / width) ** 2) / 2 - Math.log(width * Math.sqrt(2 * Math.PI) * inside);
  }

  #widthOf({ name }: Parameter, point: Point): number {
    return this.#widths.get(name)?.get(point) ?? 1;
  }

  /** The share of a kernel that stays with its own word: one word more of each is added to as many as there are kernels. */
  #staying(choices: number): number {
    const kernels = this.#points.length + 1;
    return kernels / (kernels + choices);
  }
}

/** What the kernel that is even everywhere is around. */
const nowhere: Point = {};

/**
 * As wide as the way to the farther neighbour, those of the outermost to their only one, and of a lone point to the farther end: kernels are narrow where points
 * lie close. Never so narrow that one point is sought again and again.
 */
function widthsOf(parameter: NumberParameter, points: readonly Point[]): ReadonlyMap<Point, number> {
  const placed = points
    .filter((point) => point[parameter.name] !== undefined)
    .map((point) => ({ point, share: shareOf(parameter, Number(point[parameter.name])) }))
    .toSorted((one, other) => one.share - other.share);
  const narrowest = 1 / Math.min(100, points.length + 2);
  return new Map(
    placed.map(({ point, share }, index) => {
      const before = placed[index - 1]?.share ?? (placed.length === 1 ? 0 : share);
      const after = placed[index + 1]?.share ?? (placed.length === 1 ? 1 : share);
      return [point, Math.max(narrowest, share - before, after - share)];
    }),
  );
}

/** A draw of the standard normal distribution. Source: G. Box and M. Muller, 1958. */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** The standard normal distribution function, within 7.5e-8. Source: M. Abramowitz and I. Stegun, 1964, 26.2.17. */
function normalBelow(x: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(x));
  const tail =
    (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) *
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return x < 0 ? tail : 1 - tail;
}
