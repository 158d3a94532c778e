import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { TensorModel } from '@adstocrat/inference';
import type { PersonalKeys } from '@adstocrat/service-kit';
import { checkedServable } from '../checked-servable.ts';
import type { Loaded } from '../served-model.ts';

/** Opens a version's folder: a servable, or a plain ONNX model, which has answered a drawn request. */
export async function openVersion(folder: string, personalKeys: PersonalKeys): Promise<Loaded> {
  if (existsSync(join(folder, 'servable.json'))) return checkedServable(folder, personalKeys);
  const model = await TensorModel.open(join(folder, 'model.onnx'));
  try {
    await model.warmUp();
    return model;
  } catch (error) {
    await model.close();
    throw error;
  }
}
