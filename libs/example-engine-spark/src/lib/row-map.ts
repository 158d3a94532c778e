import { dirname, extname, join } from 'node:path';
import type { Relation } from '../gen/spark/connect/relations.ts';
import type { RowWork } from '../rows/row-work.ts';

/** Spark's types of the columns that a map gives. */
export type SparkType = 'long' | 'integer' | 'double' | 'string';
export type MappedColumns = readonly (readonly [name: string, type: SparkType])[];

/** Spark's number for a function from batches of Arrow to batches of Arrow. */
const mapArrow = 207;

/**
 * A relation's rows through this project's own TypeScript, in Spark's executors: each part is piped through a Node.js of its own. The
 * executors have the same installation at the same path as this process. `columns` are the input's: without them Spark gives no rows, and
 * no error.
 */
export function rowMap(
  input: Relation,
  columns: readonly string[],
  {
    work,
    gives,
    pythonVersion,
  }: { readonly work: RowWork; readonly gives: MappedColumns; readonly pythonVersion: string },
): Relation {
  const struct = `struct<${gives.map(([column, type]) => `${column}:${ddlTypes[type]}`).join(',')}>`;
  return {
    mapPartitions: {
      input,
      func: {
        functionName: `adstocrat_${work.kind}`,
        deterministic: true,
        arguments: columns.map((column) => ({ unresolvedAttribute: { unparsedIdentifier: column } })),
        pythonUdf: {
          outputType: { unparsed: { dataTypeString: struct } },
          evalType: mapArrow,
          command: pickled(shim(work, gives)),
          pythonVer: pythonVersion,
        },
      },
    },
  };
}

const ddlTypes: Readonly<Record<SparkType, string>> = {
  long: 'bigint',
  integer: 'int',
  double: 'double',
  string: 'string',
};

/** Python that defines `run` and `returns`: all that is not TypeScript, and no more than a pipe. */
function shim(work: RowWork, gives: MappedColumns): string {
  const worker = join(dirname(import.meta.dirname), `rows/row-worker${extname(import.meta.filename)}`);
  const command = [process.execPath, '--conditions=@adstocrat/source', '--disable-warning=ExperimentalWarning', worker];
  const fields = gives.map(([column, type]) => ({ name: column, type, nullable: true, metadata: {} }));
  const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64');
  return `
import base64, json, subprocess, tempfile, threading
import pyarrow as pa
from pyspark.sql.types import StructType
command = json.loads(base64.b64decode("${base64(command)}"))
work = base64.b64decode("${base64(work)}") + b"\\n"
returns = StructType.fromJson(json.loads(base64.b64decode("${base64({ type: 'struct', fields })}")))

def run(batches):
    batches = iter(batches)
    first = next(batches, None)
    if first is None:
        return
    said = tempfile.TemporaryFile()
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said)
    failed = []
    def feed():
        try:
            child.stdin.write(work)
            with pa.ipc.new_stream(child.stdin, first.schema) as out:
                out.write_batch(first)
                for batch in batches:
                    out.write_batch(batch)
            child.stdin.close()
        except BaseException as error:
            failed.append(error)
            child.kill()
    feeder = threading.Thread(target=feed, daemon=True)
    feeder.start()
    try:
        try:
            with pa.ipc.open_stream(child.stdout) as answers:
                for answer in answers:
                    yield answer
        except pa.ArrowInvalid as error:
            failed.append(error)
        feeder.join()
        code = child.wait()
        if code != 0 or failed:
            said.seek(0)
            raise RuntimeError("the row worker ended with %s: %s %s" % (code, said.read()[-2000:].decode(errors="replace"), failed))
    finally:
        child.kill()
        child.wait()
        said.close()
`;
}

/**
 * A pickle that runs source text and gives `(run, returns)`: it is bound to no version of Python, as one of compiled code is.
 */
function pickled(source: string): Buffer {
  const expression = `(lambda names: (exec(${JSON.stringify(source)}, names), (names["run"], names["returns"]))[1])({})`;
  // A line of a pickle: what is no plain character, and the backslash, is written as \uXXXX.
  const line = expression.replaceAll(
    /[^ -[\]-~]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return Buffer.from(`cbuiltins\neval\n(V${line}\ntR.`);
}
