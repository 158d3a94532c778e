export { commentedYaml } from './lib/commented-yaml.ts';
export { columnsKnownLater } from './lib/columns-known-later.ts';
export { dataPart, keyClasses, listSeparator, readingOf } from './lib/key-classes.ts';
export type { ColumnReading, KeyClass } from './lib/key-classes.ts';
export { guessedRoles, type GuessedRole, isGuessed } from './lib/no-guess.ts';
export { Task } from './lib/task.ts';
export { parseTask, TaskError, taskYaml } from './lib/parse-task.ts';
export { trainingSetting } from './lib/training-setting.ts';
export { parseDurationMs, parseShare, toleratedByDefault } from './lib/units.ts';
