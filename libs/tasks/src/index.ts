export { commentedYaml } from './lib/commented-yaml.ts';
export { Task } from './lib/task.ts';
export { parseTask, TaskError, taskYaml } from './lib/parse-task.ts';
export { parseDurationMs, parseShare, toleratedByDefault } from './lib/units.ts';
