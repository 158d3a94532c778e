import type { ModelTarget } from '../infer/inference-request.ts';
import type { InferenceService } from '../infer/inference-service.ts';
import { describe, type ModelDescription } from '../infer/model-description.ts';
import type { ResolvedTarget } from '../infer/resolve.ts';
import type { InputTensors } from '../infer/tensor.ts';
import type { TensorService } from '../infer/tensors/tensor-service.ts';
import type { ModelTable } from '../models/model-table.ts';
import { exampleInputs, parseExamples } from './example-inputs.ts';
import { examplesInput, inputNames, signatureInputs, type SignatureKind, type SignatureTensor } from './signatures.ts';
import { BadInput } from '../infer/inference-failure.ts';
import { inTheirWords } from './words.ts';

/** The models that are served, and what TensorFlow Serving's calls ask of them. */
export class ServedModels {
  readonly service: InferenceService;
  /** Answers for plain ONNX models. */
  readonly tensors: TensorService;
  readonly table: ModelTable;

  constructor(service: InferenceService, tensors: TensorService, table: ModelTable) {
    this.service = service;
    this.tensors = tensors;
    this.table = table;
  }

  /** Throws in TensorFlow Serving's words where the target is not there. */
  resolve(target: ModelTarget): Promise<ResolvedTarget> {
    return inTheirWords(() => Promise.resolve(this.service.resolve(target)));
  }

  describe(target: ModelTarget): Promise<ModelDescription> {
    return inTheirWords(() => Promise.resolve(describe(this.table, target)));
  }

  /** What a signature takes, by name. */
  inputsOf(kind: SignatureKind, target: ModelTarget): ReadonlyMap<string, SignatureTensor> {
    const { signature } = describe(this.table, target);
    return signature.kind === 'tensors' ? new Map() : signatureInputs(kind, signature);
  }

  /** The raw columns in the tensors of a signature: the tensors themselves, or what their serialized tf.Examples hold. */
  columns(kind: SignatureKind, inputs: InputTensors, { served }: ResolvedTarget): InputTensors {
    if (kind === 'predict') return inputs;
    const { limits } = this.service;
    const serialized = inputs.get(examplesInput);
    for (const name of inputs.keys()) if (name !== examplesInput) throw new BadInput('unknown', name, 'is no input');
    if (serialized === undefined) throw new BadInput('none', '', 'the request has no input');
    return exampleInputs(parseExamples(serialized.values), {
      names: inputNames(served.columns),
      lists: served.lists,
      limits,
    });
  }
}
