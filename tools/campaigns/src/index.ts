export { jsonOf, runCommand, startCommand } from './command.ts';
export type { CommandOptions, CommandResult, RunningCommand } from './command.ts';
export { killServices } from './kill-services.ts';
export type { Kill } from './kill-services.ts';
