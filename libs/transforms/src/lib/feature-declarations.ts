import type { z } from 'zod';
import type { AnyOperation } from './operation.ts';
import { imageParameters } from './operations/image.ts';
import { findOperation, operations } from './operations/index.ts';

/** What a task says of one column: a name, a name with parameters, or several of both. */
export type FeatureDeclaration = string | { readonly op: string } | readonly (string | { readonly op: string })[];

/** One declaration, understood. */
export type DeclaredFeature =
  | { readonly kind: 'ignore' | 'auto' | 'numeric' | 'buckets' }
  | { readonly kind: 'image'; readonly parameters: z.output<typeof imageParameters> }
  | { readonly kind: 'operation'; readonly operation: AnyOperation; readonly parameters: unknown };

/** What is wrong with a declaration, and where: keys from the column's name on. */
export interface DeclarationIssue {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** Names that are no operation: left out; what would be chosen without a word; scaled alone; buckets alone. */
const choices = ['ignore', 'auto', 'numeric', 'buckets'] as const;
const isChoice = (name: string): name is (typeof choices)[number] => (choices as readonly string[]).includes(name);

/** Reads the whole of `features`, by column. Every mistake is told, not only the first. Any name may be a column's, `__proto__` too. */
export function parseFeatures(features: unknown): {
  readonly declared: ReadonlyMap<string, readonly DeclaredFeature[]>;
  readonly issues: readonly DeclarationIssue[];
} {
  const declared = new Map<string, readonly DeclaredFeature[]>();
  const issues: DeclarationIssue[] = [];
  if (typeof features !== 'object' || features === null || Array.isArray(features))
    return { declared, issues: [{ path: [], message: `columns with an operation each, got ${shown(features)}` }] };
  for (const [column, given] of Object.entries(features) as [string, unknown][]) {
    const list = Array.isArray(given) ? (given as readonly unknown[]) : [given];
    const own = list.map((one, index) => parseOne(one, Array.isArray(given) ? [column, index] : [column], issues));
    if (list.length === 0) issues.push({ path: [column], message: 'an empty list: say ignore to leave a column out' });
    if (list.length > 1 && own.some((one) => one?.kind === 'ignore'))
      issues.push({ path: [column], message: 'ignore stands alone' });
    declared.set(
      column,
      own.filter((one) => one !== undefined),
    );
  }
  return { declared, issues };
}

function parseOne(
  given: unknown,
  path: readonly (string | number)[],
  issues: DeclarationIssue[],
): DeclaredFeature | undefined {
  const isObject = typeof given === 'object' && given !== null && !Array.isArray(given);
  const { op, ...rest } = isObject ? (given as { readonly op?: unknown }) : { op: given };
  if (typeof op !== 'string') {
    const message = isObject
      ? 'names no operation: give op'
      : `the name of an operation, or {op: NAME, …}, got ${shown(given)}`;
    issues.push({ path, message });
    return undefined;
  }
  if (isChoice(op)) {
    const [key] = Object.keys(rest);
    if (key === undefined) return { kind: op };
    issues.push({ path: [...path, key], message: `unknown key: ${op} takes none` });
    return undefined;
  }
  const operation = op === 'image' ? undefined : findOperation(op);
  if (operation === undefined && op !== 'image') {
    const names = [...choices, ...operations.map(({ name }) => name), 'image'];
    issues.push({ path, message: `no operation ${shown(op)}: allowed are ${names.join(', ')}` });
    return undefined;
  }
  const schema: z.ZodType = operation?.parameters ?? imageParameters;
  const result = schema.safeParse(rest);
  if (!result.success) {
    for (const issue of result.error.issues) issues.push(...describe(op, issue, path, rest));
    return undefined;
  }
  if (operation === undefined) return { kind: 'image', parameters: result.data as z.output<typeof imageParameters> };
  return { kind: 'operation', operation, parameters: result.data };
}

function describe(
  op: string,
  issue: z.core.$ZodIssue,
  path: readonly (string | number)[],
  given: unknown,
): readonly DeclarationIssue[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ path: [...path, key], message: `unknown key: ${op} takes ${keysOf(op)}` }));
  const keys = issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key));
  const value = keys.reduce<unknown>((of, key) => (of as Record<string | number, unknown> | undefined)?.[key], given);
  const got = value === undefined ? 'and is missing' : `got ${shown(value)}`;
  return [{ path: [...path, ...keys], message: `${issue.message}, ${got}` }];
}

/** The keys that an operation takes beside `op`, for people. */
function keysOf(op: string): string {
  const schema: z.ZodType = findOperation(op)?.parameters ?? imageParameters;
  const { properties = {} } = schema.toJSONSchema({ io: 'input' });
  return Object.keys(properties).join(', ') || 'none';
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
