import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { NamedColumn, Relation } from '@adstocrat/example-engine';
import type { Relation as Plan } from '../gen/spark/connect/relations.ts';
import type { ConnectSession } from './connect-session.ts';
import { parquet, sql, view, writeParquet } from './plans.ts';

/** A relation that Spark holds. */
export interface HeldRows {
  /** Columns a caller sees, in order. */
  readonly columns: readonly NamedColumn[];
  /** The scanned relation that its rows come from. */
  readonly scanned?: string | undefined;
}

/** Relations that Spark holds: views of a session, over Parquet in a folder that Spark sees as this process does. */
export class SparkRows {
  readonly #session: ConnectSession;
  readonly folder: string;
  readonly #held = new Map<string, HeldRows>();
  #made = 0;

  constructor(session: ConnectSession, folder: string) {
    this.#session = session;
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
  }

  of(relation: Relation): HeldRows | undefined {
    return this.#held.get(relation.id);
  }

  /** A folder that does not exist yet. */
  newFolder(): string {
    this.#made += 1;
    return join(this.folder, `rows-${this.#made}`);
  }

  /** What a plan gives, whenever it is asked for. */
  async lazily(plan: Plan, held: HeldRows): Promise<Relation> {
    this.#made += 1;
    const relation = { id: `spark_${this.#made}` };
    await this.#session.run(view(plan, relation.id));
    this.#held.set(relation.id, held);
    return relation;
  }

  /** What a plan gives, once. Of a plan that gives rows: for none Sail makes no folder. */
  async kept(plan: Plan, held: HeldRows): Promise<Relation> {
    const folder = this.newFolder();
    await this.#session.run(writeParquet(plan, folder));
    return this.lazily(parquet([folder]), held);
  }

  /** The values of the query's rows, for few. */
  async list(query: string): Promise<readonly (readonly unknown[])[]> {
    const rows: unknown[][] = [];
    for await (const table of this.#session.rows(sql(query)))
      for (let row = 0; row < table.numRows; row += 1)
        rows.push(Array.from({ length: table.numCols }, (_, column): unknown => table.getChildAt(column)?.get(row)));
    return rows;
  }

  /** Writes the rows a plan gives, and names the files, which lie in no order that means anything. For no rows Sail makes no folder. */
  async write(plan: Plan): Promise<readonly string[]> {
    const folder = this.newFolder();
    await this.#session.run(writeParquet(plan, folder));
    if (!existsSync(folder)) return [];
    const files = readdirSync(folder).filter((file) => file.endsWith('.parquet'));
    return files.map((file) => join(folder, file));
  }
}
