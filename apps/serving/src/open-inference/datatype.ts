/** Tensor datatypes of the Open Inference Protocol, with Triton's BF16. */
export type Datatype = keyof typeof datatypes;

/** How the values of a datatype lie: `bytes` each of them in raw little-endian data; 0 where each has its own length. */
export interface DatatypeTraits {
  readonly bytes: number;
  readonly kind: 'bool' | 'int' | 'float' | 'bytes';
}

const datatypes = {
  BOOL: { bytes: 1, kind: 'bool' },
  UINT8: { bytes: 1, kind: 'int' },
  UINT16: { bytes: 2, kind: 'int' },
  UINT32: { bytes: 4, kind: 'int' },
  UINT64: { bytes: 8, kind: 'int' },
  INT8: { bytes: 1, kind: 'int' },
  INT16: { bytes: 2, kind: 'int' },
  INT32: { bytes: 4, kind: 'int' },
  INT64: { bytes: 8, kind: 'int' },
  FP16: { bytes: 2, kind: 'float' },
  BF16: { bytes: 2, kind: 'float' },
  FP32: { bytes: 4, kind: 'float' },
  FP64: { bytes: 8, kind: 'float' },
  BYTES: { bytes: 0, kind: 'bytes' },
} as const satisfies Readonly<Record<string, DatatypeTraits>>;

export const datatypeNames = Object.keys(datatypes) as readonly Datatype[];

/** A stranger's word for a datatype; undefined where it is none. */
export function datatypeOf(name: string): Datatype | undefined {
  return Object.hasOwn(datatypes, name) ? (name as Datatype) : undefined;
}

export function traitsOf(datatype: Datatype): DatatypeTraits {
  return datatypes[datatype];
}
