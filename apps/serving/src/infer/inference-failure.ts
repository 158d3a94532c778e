import { ServiceFailure, statusCode } from '@adstocrat/service-kit';

/**
 * Why a request got no answer, in no protocol's words: each protocol may say it in its own, from the fields. Code and message are what a
 * protocol without such words answers. Beside these an answer may fail with service-kit's `Cancelled`, `ResourceExhausted` (the
 * prediction log is full) and `Unavailable` (it cannot be written).
 */
export abstract class InferenceFailure extends ServiceFailure {}

/** No such model, or none of its versions has been put into service. */
export class UnknownModel extends InferenceFailure {
  readonly model: string;
  /** The version that was asked for, if one was. */
  readonly version: number | undefined;

  constructor(model: string, version?: number) {
    super(statusCode.notFound, `model ${quoted(model)} is not served here`);
    this.model = model;
    this.version = version;
  }
}

/** The model is served, this version of it is not: unknown, not loaded yet, failed or taken out. */
export class VersionNotAvailable extends InferenceFailure {
  readonly model: string;
  /** Absent where the routing names no version that is available. */
  readonly version: number | undefined;
  /** True where the version is known here, whatever its state. */
  readonly known: boolean;

  constructor(model: string, version: number | undefined, known: boolean, why?: string) {
    const because = why === undefined ? '' : `: ${why}`;
    super(statusCode.notFound, `version ${version ?? 'in force'} of model ${quoted(model)} is not available${because}`);
    this.model = model;
    this.version = version;
    this.known = known;
  }
}

export class UnknownLabel extends InferenceFailure {
  readonly model: string;
  readonly label: string;

  constructor(model: string, label: string) {
    super(statusCode.invalidArgument, `model ${quoted(model)} has no version label ${quoted(label)}`);
    this.model = model;
    this.label = label;
  }
}

/**
 * What is wrong with an input. `none`: the request has no input at all; `missing`: one that is needed is not there; `rows`: inputs have
 * different numbers of rows; `run`: the model does not take these inputs.
 */
export type BadInputReason = 'none' | 'missing' | 'unknown' | 'dtype' | 'shape' | 'rows' | 'value' | 'run';

/** An input is wrong, and sending it again will not help. */
export class BadInput extends InferenceFailure {
  readonly reason: BadInputReason;
  /** The input's name; empty where it is the request as a whole. */
  readonly input: string;
  /** What is wrong, without the input's name and row. */
  readonly detail: string;
  /** From 0; absent where it is not one row's value. */
  readonly row: number | undefined;

  constructor(reason: BadInputReason, input: string, detail: string, row?: number) {
    const place = input === '' ? '' : `input ${quoted(input)}${row === undefined ? '' : `, row ${row}`}`;
    const between = place === '' ? '' : row === undefined ? ' ' : ': ';
    super(statusCode.invalidArgument, `${place}${between}${detail}`);
    this.reason = reason;
    this.input = input;
    this.detail = detail;
    this.row = row;
  }
}

/** The version is a plain ONNX model: it answers tensors, and no probability of a click. */
export class NoClickModel extends InferenceFailure {
  constructor(model: string, version: number) {
    super(
      statusCode.failedPrecondition,
      `version ${version} of model ${quoted(model)} is a plain ONNX model: ask for its tensors by Predict or ModelInfer`,
    );
  }
}

/** More than is answered at once, told before anything of that size is made. */
export class TooLarge extends InferenceFailure {
  readonly what: 'rows' | 'values' | 'bytes' | 'pixels';
  readonly limit: number;

  constructor(what: TooLarge['what'], limit: number, message: string) {
    super(statusCode.invalidArgument, message);
    this.what = what;
    this.limit = limit;
  }
}

/** The caller's deadline has passed, or passes before there can be an answer. */
export class DeadlineExceeded extends InferenceFailure {
  constructor() {
    super(statusCode.deadlineExceeded, 'the deadline has passed before there was an answer');
  }
}

/** A stranger's text as it may stand in a message. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 400 ? `${text.slice(0, 400)}…` : text);
}
