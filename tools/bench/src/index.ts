export { writeClickLog } from './click-log.ts';
export { environmentOf } from './python-environment.ts';
export type { PythonEnvironment } from './python-environment.ts';
export { ServedModel } from './served-model.ts';
export type { ServingProcess } from './served-model.ts';
