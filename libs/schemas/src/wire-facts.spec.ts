import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type DescriptorFile, wireFacts } from './wire-facts.ts';

const schemas = join(import.meta.dirname, '..');

/** The facts of ours, one a line, as in wire-facts/*.txt. */
function ours(...paths: readonly string[]): readonly string[] {
  const json = execFileSync(
    '../../node_modules/.bin/buf',
    ['build', ...paths.flatMap((path) => ['--path', path]), '-o', '-#format=json'],
    {
      cwd: schemas,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  return wireFacts((JSON.parse(json) as { readonly file: readonly DescriptorFile[] }).file);
}

function theirs(dialect: string): readonly string[] {
  return readFileSync(join(schemas, 'wire-facts', `${dialect}.txt`), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
}

describe('the Open Inference Protocol', () => {
  const all = ours('proto/inference');
  const [kserve, triton] = [theirs('kserve'), theirs('triton')];
  /** One method path, two answers: Triton's are empty. */
  const kserveOnly = [
    'field inference.RepositoryModelLoadResponse 1 model_name single string',
    'field inference.RepositoryModelLoadResponse 2 isLoaded single bool',
    'field inference.RepositoryModelUnloadResponse 1 model_name single string',
    'field inference.RepositoryModelUnloadResponse 2 isUnloaded single bool',
  ];
  /** The same bytes under two names: Triton's second field tells who asks. */
  const renamed = [
    'field inference.RepositoryModelLoadRequest 1 model_name single string',
    'field inference.RepositoryModelUnloadRequest 1 model_name single string',
  ];
  /** Of the configuration only what clients read is declared. */
  const isConfiguration = (fact: string): boolean => /^\w+ inference\.Model(Config(\.\w+)?|Input|Output) /.test(fact);

  it('has no field, value or method that Triton or KServe does not have', () => {
    expect(all.filter((fact) => !triton.includes(fact) && !kserve.includes(fact))).toEqual([]);
    expect(all.filter((fact) => !triton.includes(fact))).toEqual(kserveOnly);
  });

  it('leaves out nothing of either', () => {
    expect(kserve.filter((fact) => !all.includes(fact))).toEqual(renamed);
    expect(triton.filter((fact) => !all.includes(fact) && !isConfiguration(fact))).toEqual([]);
  });
});

describe("TensorFlow Serving's protocol", () => {
  const all = ours('proto/tensorflow', 'proto/tensorflow_serving', 'proto/xla').filter(
    (fact) => !/^\w+ google\./.test(fact),
  );
  const original = theirs('tensorflow-serving');
  /** A composite tensor drags in the types of a whole SavedModel, and a SerializedDType is sent by nothing that is served. */
  const leftOut = /^field tensorflow\.(TensorInfo 5|TensorInfo\.CompositeTensor|SerializedDType) ?/;

  it('has no field, value or method that the original does not have', () => {
    expect(all.filter((fact) => !original.includes(fact))).toEqual([]);
  });

  it('leaves out nothing else', () => {
    expect(original.filter((fact) => !all.includes(fact) && !leftOut.test(fact))).toEqual([]);
  });
});
