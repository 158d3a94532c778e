export { ServedModel } from './served-model.ts';
export type { ServingProcess } from './served-model.ts';
