import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { type Loaded, ServedModel } from './served-model.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as (options: { readonly type: 'minor' }) => void;

const collected: string[] = [];
const registry = new FinalizationRegistry((name: string) => collected.push(name));

/** A model whose version 1 is old: it has survived two collections of young objects. */
function served(name: string): ServedModel {
  const loaded = { schema: { columns: [] }, transform: { features: [] }, close: () => Promise.resolve() };
  const model = new ServedModel(name);
  registry.register(loaded, name);
  model.put(1, loaded as unknown as Loaded);
  for (let time = 0; time < 3; time += 1) collect({ type: 'minor' });
  return model;
}

it('has a version that went out of memory soon, and not one that stays', async () => {
  const [went, stays] = [served('went'), served('stays')];
  await went.unload(1);
  await expect.poll(() => collected, { timeout: 60_000 }).toEqual(['went']);
  expect([went.isAvailable(1), stays.isAvailable(1)]).toEqual([false, true]);
});
