import type { ScannedFile } from '@adstocrat/example-engine';
import type { Task } from '@adstocrat/tasks';

/** What files are, said where they are not called .csv, or are no CSV. */
const kindNames = { jsonl: 'lines of JSON', parquet: 'Parquet', csv: 'CSV' } as const;
const delimiterNames: Readonly<Record<string, string>> = { ';': 'semicolons', '\t': 'tabs', '|': 'bars' };
/** Files that a sentence names. */
const shown = 3;

/** What was told of files by their beginning, where it is not what one expects. */
export function sayFiles(task: Pick<Task, 'data'>, files: readonly ScannedFile[]): readonly string[] {
  const notes: string[] = [];
  const say = (what: string, some: readonly ScannedFile[], key: string): void => {
    if (some.length === 0) return;
    const names = some.slice(0, shown).map(({ name }) => name.split('/').at(-1) ?? name);
    const more = some.length > shown ? ` and ${some.length - shown} more` : '';
    notes.push(`${names.join(', ')}${more}: ${what}${key === '' ? '' : ` (task.yaml: ${key})`}`);
  };
  const { delimiter, encoding, format } = task.data;
  for (const [kind, name] of Object.entries(kindNames))
    if (format === undefined)
      say(
        `read as ${name}`,
        files.filter((file) => file.kind === kind && (kind !== 'csv' || /\.parquet$/i.test(file.name))),
        'data.format',
      );
  for (const [character, name] of Object.entries(delimiterNames))
    if (delimiter === undefined)
      say(
        `fields are separated by ${name}`,
        files.filter(({ format }) => format.delimiter === character),
        'data.delimiter',
      );
  for (const one of ['utf-16le', 'utf-16be', 'windows-1252'] as const)
    if (encoding === undefined)
      say(
        `read as ${one}`,
        files.filter(({ format }) => format.encoding === one),
        'data.encoding',
      );
  say(
    'the first column has no name: taken for an index and left out',
    files.filter(({ kind, unnamedIndex }) => unnamedIndex && kind === 'csv'),
    '',
  );
  say(
    'columns at the end have neither a name nor a value: left out',
    files.filter(({ nameless }) => nameless !== undefined),
    '',
  );
  say(
    'the index of pandas is left out',
    files.filter(({ kind, unnamedIndex }) => unnamedIndex && kind === 'parquet'),
    '',
  );
  say(
    'the first line looks like a row, and is taken for the names of the columns: where the files have no header line, name all columns',
    files.filter(({ rowAsHeader }) => rowAsHeader !== undefined),
    'data.columns',
  );
  if (task.data.comment === undefined) {
    say(
      'lines above the first record begin with "#": taken for comments and left out',
      files.filter(({ comments }) => comments !== undefined),
      'data.comment',
    );
    say(
      'lines above the header have few fields: taken for a title and left out',
      files.filter(({ titles }) => titles !== undefined),
      "data.comment: '' keeps them",
    );
    say(
      'the first line begins with "#", and is taken for the names of the columns: where it is a comment, say so',
      files.filter(({ commentAsHeader }) => commentAsHeader === true),
      'data.comment',
    );
  }
  say(
    'no rows in it',
    files.filter(({ rows }) => rows === 0),
    '',
  );
  return notes;
}
