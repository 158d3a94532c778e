import { nextCommand } from './next-command.ts';
import type { SystemChoice } from './system-for.ts';

/** A version that the pipeline ended with and that is not the one that serves. */
export interface OutOfService {
  readonly model: string;
  readonly version: number;
  readonly state: string;
  /** Of its evaluation. */
  readonly reasons: readonly string[];
  /** The one that serves; undefined where none does. */
  readonly stable: number | undefined;
}

/** Why it does not serve, and what can be done about it in the same home. */
export function outOfService({ model, version, state, reasons, stable }: OutOfService, choice: SystemChoice): string {
  const serves = stable === undefined ? 'no version serves' : `version ${stable} serves on`;
  if (state === 'not_blessed') {
    const why = reasons.length === 0 ? 'see its report' : reasons.join('; ');
    return `version ${version} was not put into service: ${why}. ${capital(serves)}. Its limits are thresholds of task.yaml, by which run judges it again; \`${nextCommand(['models', '--model', model, '--report', 'DIR'], choice)}\` writes what it was judged by`;
  }
  const was = state === 'superseded' ? 'was replaced by a newer version' : 'was rolled back';
  const why = reasons.length === 0 ? '' : ` (${reasons.join('; ')})`;
  return `version ${version}, which this data and task make, ${was}${why}: ${serves}. \`${nextCommand(['rollback', '--model', model, '--version', String(version)], choice)}\` puts it back`;
}

const capital = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);
