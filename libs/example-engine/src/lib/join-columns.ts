import { BadData } from './example-engine.ts';

/** Columns that a table adds to rows which it is joined to by `key`. Throws {@link BadData} where it cannot be. */
export function addedColumns(own: readonly string[], table: readonly string[], key: string): readonly string[] {
  if (!own.includes(key)) throw new BadData(`the examples have no column "${key}" to join a table by`);
  if (!table.includes(key)) throw new BadData(`the table to join has no column "${key}"`);
  const added = table.filter((column) => column !== key);
  const taken = added.find((column) => own.includes(column));
  if (taken !== undefined) throw new BadData(`column "${taken}" is in the examples and in a joined table: rename one`);
  return added;
}

/** A table to join has several rows of one key. */
export function keyTwice(key: string, value: unknown): BadData {
  return new BadData(`the joined table has key ${key} = "${String(value)}" more than once`);
}
