export { environmentOf } from './python-environment.ts';
export type { PythonEnvironment } from './python-environment.ts';
