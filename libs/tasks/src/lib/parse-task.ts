import { parseDocument, stringify } from 'yaml';
import type { z } from 'zod';
import { Task } from './task.ts';

/** A task file that cannot be used. The message has a line for each mistake: file, line, key, what is allowed. */
export class TaskError extends Error {
  override readonly name = 'TaskError';
}

/** Reads task.yaml. Throws {@link TaskError} naming every mistake, not only the first. */
export function parseTask(text: string, fileName: string): Task {
  const document = parseDocument(text, { prettyErrors: true });
  const [syntax] = document.errors;
  if (syntax !== undefined) throw new TaskError(`${fileName}: not YAML: ${syntax.message}`);
  const given: unknown = document.toJS();
  const result = Task.safeParse(given);
  if (result.success) return result.data;
  const lines = result.error.issues.flatMap((issue) =>
    describe(issue, given).map(({ path, message }) => {
      const line = lineOf(text, document.getIn(path, true) ?? document.getIn(path.slice(0, -1), true), path.at(-1));
      return `${fileName}${line === undefined ? '' : `:${line}`}: ${path.length === 0 ? '' : `${path.join('.')}: `}${message}`;
    }),
  );
  throw new TaskError(lines.join('\n'));
}

/** The task as YAML, defaults included. */
export function taskYaml(task: Task): string {
  return stringify(task);
}

type Path = readonly (string | number)[];

function describe(
  issue: z.core.$ZodIssue,
  given: unknown,
): readonly { readonly path: Path; readonly message: string }[] {
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...path, key], message: 'unknown key' }));
  }
  if (issue.code === 'invalid_type' && issue.message.startsWith('Invalid input')) {
    const found = path.reduce<unknown>((at, key) => (at as Record<string, unknown> | null | undefined)?.[key], given);
    const wanted = kinds.get(issue.expected) ?? `a ${issue.expected}`;
    const what =
      found == null ? `missing: ${wanted} is wanted` : `${wanted} is wanted, got ${JSON.stringify(found).slice(0, 80)}`;
    const hint = path.length === 1 ? hints.get(String(path[0])) : undefined;
    return [{ path, message: `${what}${hint === undefined ? '' : `, ${hint}`}` }];
  }
  return [{ path, message: issue.message }];
}

/** What a value may be, as people who write YAML call it. */
const kinds: ReadonlyMap<string, string> = new Map([
  ['object', 'a map of keys'],
  ['record', 'a map of keys'],
  ['array', 'a list'],
  ['string', 'a text'],
]);

/** How the keys are written that every task needs. */
const hints: ReadonlyMap<string, string> = new Map([
  ['name', 'the name of the model, as `name: ad-clicks`'],
  ['data', "which files are rows, as `data: {examples: ['*.csv']}`"],
  ['label', 'the column to predict, as `label: clicked`'],
]);

function lineOf(text: string, node: unknown, key: string | number | undefined): number | undefined {
  const range = (node as { range?: readonly number[] } | undefined)?.range;
  const start = range?.[0];
  if (start === undefined) return undefined;
  // A scalar's own range begins at its value; a missing one falls back to the map that should hold it.
  const before = text.slice(0, start);
  const line = before.split('\n').length;
  if (typeof key !== 'string') return line;
  const own = text
    .split('\n')
    .findIndex((one) => new RegExp(`(^|[\\s{,-])${key.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}\\s*:`).test(one));
  return own === -1 ? line : own + 1;
}
