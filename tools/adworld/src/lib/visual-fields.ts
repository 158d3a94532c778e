import type { Random } from './random.ts';

export const buttonStyles = ['filled', 'pill', 'outline', 'link'] as const;
export const productShapes = ['circle', 'square', 'triangle', 'ring'] as const;
export const layouts = ['left', 'right', 'stacked'] as const;

/** What an ad's picture shows. Nothing but its pixels tells a model any of this. */
export interface VisualFields {
  /** Background hue in turns, [0, 1): 0 red, 1/3 green, 2/3 blue. */
  readonly hue: number;
  /** How far headline and product stand off from the background, [0, 1). */
  readonly contrast: number;
  /** How large the headline's bars are, [0, 1). */
  readonly headline: number;
  /** How much small stuff lies about, [0, 1). */
  readonly clutter: number;
  readonly button: (typeof buttonStyles)[number];
  readonly shape: (typeof productShapes)[number];
  readonly layout: (typeof layouts)[number];
}

/** Draws independent, uniform fields: they depend on no column, so no column tells them. */
export function drawVisualFields(random: Random): VisualFields {
  return {
    hue: random.uniform(),
    contrast: random.uniform(),
    headline: random.uniform(),
    clutter: random.uniform(),
    button: buttonStyles[random.below(buttonStyles.length)]!,
    shape: productShapes[random.below(productShapes.length)]!,
    layout: layouts[random.below(layouts.length)]!,
  };
}
