export { jsonOf, runCommand, startCommand } from './command.ts';
export type { CommandOptions, CommandResult, RunningCommand } from './command.ts';
export { killServices } from './kill-services.ts';
export type { Kill } from './kill-services.ts';
export { broken } from './campaign-report.ts';
export type { CampaignReport } from './campaign-report.ts';
export { conservation } from './conservation/conservation.ts';
export { smallPlan } from './conservation/plan.ts';
export type { Plan } from './conservation/plan.ts';
