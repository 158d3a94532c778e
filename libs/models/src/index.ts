export type { ImageTowerSpec, ModelSpec } from './lib/model-spec.ts';
