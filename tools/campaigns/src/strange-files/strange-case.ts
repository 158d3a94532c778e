import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const pattern = z.string().transform((source, context) => {
  try {
    return new RegExp(source, 's');
  } catch (error) {
    context.addIssue((error as Error).message);
    return z.NEVER;
  }
});
const patterns = z.union([pattern.transform((one) => [one]), z.array(pattern)]).default([]);

/** Values of a column, over and over again, `raw` as they are written; or a count from a number, where `as` has `{}` for it. */
const Column = z.union([
  z.array(z.union([z.string(), z.number()])),
  z.strictObject({ raw: z.array(z.string()) }),
  z.strictObject({ count: z.number().int(), as: z.string().default('{}') }),
]);

const File = z.union([
  z.string().transform((text) => ({ text })),
  z.strictObject({
    text: z.string().optional(),
    /** So many rows of the columns, below a header. */
    rows: z.number().int().optional(),
    columns: z.record(z.string(), Column).optional(),
    /** Each row is an object of JSON on a line; there is no header. */
    json: z.boolean().default(false),
    /** Parquet with the rows of a query, in which `i` counts from 0 to `rows` − 1. */
    parquet: z.string().optional(),
    /** What the first line is instead of the columns' names; null: there is none. */
    header: z.string().nullable().optional(),
    /** Lines, counted from 1, that are these instead. */
    lines: z.record(z.string(), z.string()).default({}),
    /** The end of each line. */
    eol: z.string().default('\n'),
    delimiter: z.string().default(','),
    encoding: z.enum(['utf-8', 'utf-16le', 'utf-16be', 'latin1']).default('utf-8'),
    /** Written before everything else: a byte order mark. */
    bom: z.boolean().default(false),
    base64: z.string().optional(),
    image: z
      .strictObject({
        format: z.enum(['png', 'jpeg', 'webp', 'gif', 'avif', 'tiff']),
        width: z.number().int().default(8),
        height: z.number().int().default(8),
        grey: z.number().int().default(100),
        frames: z.number().int().default(1),
      })
      .optional(),
    gzip: z.boolean().default(false),
    zstd: z.boolean().default(false),
    /** Written so many times, one after the other, after packing. */
    times: z.number().int().default(1),
    /** No more than so many bytes of the whole. */
    cut: z.number().int().optional(),
    /** A symbolic link to this. */
    link: z.string().optional(),
    /** In a bucket: what the object says of itself. */
    contentEncoding: z.string().optional(),
  }),
]);

const Expected = z.strictObject({
  /** What the refusal says. Without it the data has to become a span. */
  refused: patterns,
  rows: z.number().int().optional(),
  positives: z.number().int().optional(),
  setAside: z.number().int().default(0),
  images: z.number().int().default(0),
  imagesSetAside: z.number().int().default(0),
  /** Type of each column that is named, and `absent` for one that must not be there. */
  columns: z.record(z.string(), z.enum(['string', 'integer', 'float', 'absent'])).default({}),
  /** Cells of a column that are missing, in the training split and counted in it. */
  missing: z.record(z.string(), z.number().int()).default({}),
  splits: z.strictObject({ train: z.number(), validation: z.number(), test: z.number() }).partial().default({}),
  /** Keys of the task that was inferred, as they have to be. */
  task: z.record(z.string(), z.unknown()).default({}),
  /** Each is found among what was set aside (file:line: reason). */
  rejects: patterns,
  /** Each is found among the anomalies and notes of the span. */
  said: patterns,
  /** None is. */
  unsaid: patterns,
  ready: z.boolean().default(true),
});

const Drop = z.strictObject({ files: z.record(z.string(), File).default({}), expect: Expected });

const Case = z
  .strictObject({
    what: z.string(),
    /** It is known to be wrong still, and how: the campaign counts it, `npm test` leaves it out. */
    open: z.string().optional(),
    label: z.string().default('clicked'),
    /** What --data names below the case's folder; the folder itself by default. */
    data: z.string().default(''),
    /** Without it the task is inferred. `name` is added. */
    task: z.record(z.string(), z.unknown()).optional(),
    /** The files lie in a bucket instead of a folder. */
    bucket: z.boolean().default(false),
    files: z.record(z.string(), File).default({}),
    expect: Expected.optional(),
    /** Drops of one task, in order, instead of `files` and `expect`. */
    drops: z.array(Drop).optional(),
    /** A command that answers without a system, `{}` is the case's folder; with exit code and what it prints. */
    command: z.array(z.string()).optional(),
    exit: z.number().int().default(0),
    prints: patterns,
  })
  .refine(({ expect, drops, command }) => [expect, drops, command].filter((one) => one !== undefined).length === 1, {
    error: 'a case has one of expect, drops, command',
  });

export type StrangeCase = z.output<typeof Case> & {
  readonly name: string;
  /** Files beside the case.yaml are part of the data, as they are. */
  readonly folder: string;
};
export type StrangeFile = z.output<typeof File>;
export type ExpectedSpan = z.output<typeof Expected>;
export type StrangeDrop = z.output<typeof Drop>;

/** Reads FOLDER/case.yaml. Throws with the file's name where it is none. */
export function readCase(folder: string, name: string): StrangeCase {
  const file = join(folder, name, 'case.yaml');
  const parsed = Case.safeParse(parse(readFileSync(file, 'utf8')));
  if (!parsed.success) throw new Error(`${file}: ${z.prettifyError(parsed.error)}`);
  return { ...parsed.data, name, folder: join(folder, name) };
}
