import { afterAll, afterEach, beforeAll, describe } from 'vitest';
import type { EventBus } from './lib/event-bus.ts';
import type { Bed, ContractScale, EventBusUnderTest } from './testing/bed.ts';
import { failures } from './testing/failures.ts';
import { groups } from './testing/groups.ts';
import { outages } from './testing/outages.ts';
import { positions } from './testing/positions.ts';
import { publishing } from './testing/publishing.ts';
import { retention } from './testing/retention.ts';

export type { ContractScale, EventBusUnderTest } from './testing/bed.ts';

/** What every {@link EventBus} keeps. */
export function eventBusContract(name: string, start: () => Promise<EventBusUnderTest>, scale: ContractScale): void {
  describe(`${name} as an event bus`, { timeout: 90_000 }, () => {
    let subject: EventBusUnderTest;
    const open: EventBus[] = [];
    const bed: Bed = {
      scale,
      get subject() {
        return subject;
      },
      bus: (options) => {
        const one = subject.open(options);
        open.push(one);
        return one;
      },
    };
    beforeAll(async () => {
      subject = await start();
    });
    afterEach(async () => {
      await Promise.all(open.splice(0).map((one) => one.close()));
    });
    afterAll(() => subject.close());
    groups(bed);
    publishing(bed);
    failures(bed);
    positions(bed);
    outages(bed);
    if (scale.deletes) retention(bed);
  });
}
