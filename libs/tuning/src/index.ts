export { isChoice, isMeant } from './lib/parameter.ts';
export type { ChoiceParameter, Condition, NumberParameter, Parameter, Point, Space } from './lib/parameter.ts';
export { goesOn, rungsOf } from './lib/rungs.ts';
export { byMerit } from './lib/samplers/sampler.ts';
export type { Sampler, Seen } from './lib/samplers/sampler.ts';
export { isSamplerName, samplers } from './lib/samplers/samplers.ts';
export type { SamplerName } from './lib/samplers/samplers.ts';
