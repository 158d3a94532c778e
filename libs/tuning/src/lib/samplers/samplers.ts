import { random } from './random.ts';
import type { Sampler } from './sampler.ts';
import { tpe } from './tpe.ts';

/** All of them, by the name that they are asked for by. */
export const samplers = { tpe, random } as const satisfies Readonly<Record<string, Sampler>>;

export type SamplerName = keyof typeof samplers;

export function isSamplerName(name: string): name is SamplerName {
  return Object.hasOwn(samplers, name);
}
