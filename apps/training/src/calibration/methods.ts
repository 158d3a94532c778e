import type { Calibration } from '@adstocrat/models';
import { isotonic } from './isotonic.ts';
import { plattScaling } from './platt-scaling.ts';
import { temperature } from './temperature.ts';

/** Fits one kind of calibration to held-out logits and labels. */
export type CalibrationMethod = (logits: Float32Array, labels: Float32Array) => Calibration;

/** All kinds, the one that is taken without a reason against it first. */
export const methods: Readonly<Record<'platt' | 'temperature' | 'isotonic', CalibrationMethod>> = {
  platt: (logits, labels) => ({ method: 'platt', ...plattScaling(logits, labels) }),
  temperature: (logits, labels) => ({ method: 'temperature', ...temperature(logits, labels) }),
  isotonic,
};
