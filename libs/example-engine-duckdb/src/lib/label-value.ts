import { name } from './sql-text.ts';

/** SQL for a text column's label: 1, 0, or NULL for what is neither. */
export function labelValue(column: string): string {
  return `CASE lower(trim(${name(column)})) WHEN '1' THEN 1 WHEN '0' THEN 0 WHEN '1.0' THEN 1 WHEN '0.0' THEN 0
    WHEN 'true' THEN 1 WHEN 'false' THEN 0 WHEN 't' THEN 1 WHEN 'f' THEN 0 WHEN 'yes' THEN 1 WHEN 'no' THEN 0 WHEN 'y' THEN 1 WHEN 'n' THEN 0 END`;
}
