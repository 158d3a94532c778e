import { assembleServable } from './assemble-servable.ts';
import type { LoadedServable } from './loaded-servable.ts';
import { OnnxSession } from './onnx-session.ts';
import { readServable } from './read-servable.ts';

/**
 * Loads a servable from a local folder, in this thread; `checkServable` is for where others are answered meanwhile. Throws
 * {@link DamagedServable} where a file is not as the manifest says, or where the manifest is not the one of `digest`.
 */
export async function openServable(
  folder: string,
  options: { readonly digest?: string } = {},
): Promise<LoadedServable> {
  return assembleServable(readServable(folder, options.digest), (model) => OnnxSession.open(model));
}
