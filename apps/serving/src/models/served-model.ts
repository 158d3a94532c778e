import { type LoadedServable, TensorModel } from '@adstocrat/inference';
import type { Routing, VersionState } from '@adstocrat/servables';
import { collectSoon } from './collect-soon.ts';
import { type ModelSignature, signatureOf } from '../infer/model-signature.ts';
import { type TensorSignature, tensorSignatureOf } from '../infer/tensors/tensor-signature.ts';

/** A version's state as every protocol tells it. */
export type ServedState = VersionState;

/** What answers: a servable that scores clicks, or a plain ONNX model. */
export type Loaded = LoadedServable | TensorModel;

/** Ended versions whose state is told: the last ones. */
const endedKept = 16;

interface ServedVersion {
  state: ServedState;
  error: string;
  loaded?: Loaded;
  /** Calls in progress on it. */
  leases: number;
}

/** The right to use a version until it is released: it is not unloaded before. */
export interface Lease {
  readonly loaded: Loaded;
  release(): void;
}

/** One model: its versions with their states, and where its requests go. */
export class ServedModel {
  readonly name: string;
  routing: Routing | undefined;
  readonly #versions = new Map<number, ServedVersion>();
  #columns: ReadonlySet<string> = new Set();
  #lists: ReadonlyMap<string, string> = new Map();

  constructor(name: string) {
    this.name = name;
  }

  /** Column whose value keeps a person on one version: the stable version's. */
  get unit(): string | undefined {
    const stable = this.#versions.get(this.routing?.labels['stable'] ?? NaN)?.loaded;
    return stable === undefined || stable instanceof TensorModel ? undefined : stable.manifest.roles.unit;
  }

  /** The columns that any of its versions in service takes which score clicks. */
  get columns(): ReadonlySet<string> {
    return this.#columns;
  }

  /** Of those columns the ones that any version reads as lists, with what stands between a list's values. */
  get lists(): ReadonlyMap<string, string> {
    return this.#lists;
  }

  /** The versions known, ascending. */
  states(): readonly { readonly version: number; readonly state: ServedState; readonly error: string }[] {
    return [...this.#versions]
      .map(([version, { state, error, loaded }]) => ({ version, state, error: error || (troubleOf(loaded) ?? '') }))
      .sort((a, b) => a.version - b.version);
  }

  /** Whether it is in force, and not each of its versions one that answers nothing for a while. */
  get answers(): boolean {
    const available = [...this.#versions.values()].filter(({ state }) => state === 'available');
    const rests = available.length > 0 && available.every(({ loaded }) => troubleOf(loaded) !== undefined);
    return this.routing !== undefined && !rests;
  }

  /** Why a version that is available answers nothing for a while: its thread ended again and again. */
  troubleOf(version: number): string | undefined {
    return troubleOf(this.#versions.get(version)?.loaded);
  }

  /** Undefined for a version that was never here. */
  stateOf(version: number): ServedState | undefined {
    return this.#versions.get(version)?.state;
  }

  /** What a version takes and answers; undefined where it is not available. */
  signatureOf(version: number): ModelSignature | TensorSignature | undefined {
    const held = this.#versions.get(version);
    if (held?.state !== 'available' || held.loaded === undefined) return undefined;
    return held.loaded instanceof TensorModel ? tensorSignatureOf(held.loaded) : signatureOf(held.loaded);
  }

  isAvailable(version: number): boolean {
    return this.#versions.get(version)?.state === 'available';
  }

  mark(version: number, state: 'loading' | 'end', error = ''): void {
    this.#versions.set(version, { state, error, leases: 0 });
  }

  put(version: number, loaded: Loaded): void {
    this.#versions.set(version, { state: 'available', error: '', loaded, leases: 0 });
    this.#listColumns();
  }

  lease(version: number): Lease | undefined {
    const held = this.#versions.get(version);
    if (held?.state !== 'available' || held.loaded === undefined) return undefined;
    held.leases += 1;
    return {
      loaded: held.loaded,
      release: () => {
        held.leases -= 1;
        if (held.state === 'unloading' && held.leases === 0) void this.#close(version, held);
      },
    };
  }

  /** Takes a version out of service; its memory is freed when the last call on it has ended. */
  async unload(version: number): Promise<void> {
    const held = this.#versions.get(version);
    if (held?.state !== 'available') return;
    held.state = 'unloading';
    this.#listColumns();
    if (held.leases === 0) await this.#close(version, held);
  }

  #listColumns(): void {
    const available = [...this.#versions.values()].filter(({ state }) => state === 'available');
    const signatures = available.flatMap(({ loaded }) =>
      loaded === undefined || loaded instanceof TensorModel ? [] : [signatureOf(loaded)],
    );
    const columns = signatures.flatMap(({ columns }) => columns);
    this.#columns = new Set(columns.map(({ name }) => name));
    this.#lists = new Map(
      columns.flatMap(({ name, separator }) => (separator === undefined ? [] : [[name, separator]])),
    );
  }

  /** Those that came first go first. */
  #forgetOldest(): void {
    const ended = [...this.#versions].filter(([, { state }]) => state === 'end').map(([version]) => version);
    for (const version of ended.slice(0, -endedKept)) this.#versions.delete(version);
  }

  /** Never rejects: a version that could not be freed is out of service all the same, and its state says so. */
  async #close(version: number, held: ServedVersion): Promise<void> {
    const { loaded } = held;
    delete held.loaded;
    try {
      await loaded?.close();
    } catch (error) {
      held.error = `its memory could not be freed: ${(error as Error).message}`;
    }
    collectSoon();
    if (this.#versions.get(version) !== held) return;
    held.state = 'end';
    this.#forgetOldest();
  }
}

function troubleOf(loaded: Loaded | undefined): string | undefined {
  return loaded instanceof TensorModel ? loaded.trouble : undefined;
}
