import type { Calibration } from '@adstocrat/models';
import { isotonic } from './isotonic.ts';
import { plattScaling } from './platt-scaling.ts';
import { temperature } from './temperature.ts';

/** Fits one kind of calibration to held-out logits and labels. */
export type CalibrationMethod = (logits: Float32Array, labels: Float32Array) => Calibration;

/** A step for each stretch of rows is drawn by the few clicks in it, where there are few. Source: A. Niculescu-Mizil and R. Caruana, "Predicting Good Probabilities with Supervised Learning", 2005. */
const fewestForSteps = 100;

/** The kinds that rows are enough for which have so many of their rarer label, the one that is taken without a reason against it first. */
export function methodsFor(rarer: number): Readonly<Record<string, CalibrationMethod>> {
  const { isotonic: steps, ...others } = methods;
  return rarer < fewestForSteps ? others : { ...others, isotonic: steps };
}

/** All kinds, the one that is taken without a reason against it first. */
export const methods: Readonly<Record<'platt' | 'temperature' | 'isotonic', CalibrationMethod>> = {
  platt: (logits, labels) => ({ method: 'platt', ...plattScaling(logits, labels) }),
  temperature: (logits, labels) => ({ method: 'temperature', ...temperature(logits, labels) }),
  isotonic,
};
