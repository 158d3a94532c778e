import { setTimeout as sleep } from 'node:timers/promises';
import { type LifecycleSnapshot, nextStep } from '@adstocrat/servables';
import type { ServedModel } from './served-model.ts';

/** Wall milliseconds between two looks at a version whose calls have yet to end. */
const waitMs = 20;

/** How it ended: it is as it was wanted; a version did not load; or what is wanted contradicts itself. */
export type BroughtAbout = 'done' | 'stay' | { readonly refused: string };

/** Takes the steps of a model's life, one after the other, to what is wanted of it at the time of each. */
export async function bringAbout(
  model: ServedModel,
  options: {
    readonly wanted: () => LifecycleSnapshot['wanted'];
    readonly isHeldBack: (version: number) => boolean;
    readonly load: (version: number) => Promise<void>;
  },
): Promise<BroughtAbout> {
  for (;;) {
    const versions = model
      .states()
      .map(({ version, state }) => ({ version, state, heldBack: options.isHeldBack(version) }));
    const step = nextStep({ versions, wanted: options.wanted(), inForce: model.routing });
    switch (step.do) {
      case 'load':
        await options.load(step.version);
        break;
      case 'wait':
        await sleep(waitMs);
        break;
      case 'route':
        model.routing = step.routing;
        break;
      case 'unload':
        await model.unload(step.version);
        break;
      case 'refuse':
        return { refused: step.reason };
      case 'stay':
      case 'done':
        return step.do;
    }
  }
}
