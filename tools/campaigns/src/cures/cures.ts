import type { Cure } from './cure.ts';

/** The cures whose absence the small campaign must notice. */
export const cures: readonly Cure[] = [
  {
    name: 'rows are on disk before their answer leaves',
    edits: [
      {
        file: 'apps/serving/src/log/prediction-log.ts',
        from: "if (this.#options.mode === 'ack') await appended;",
        to: 'void appended;',
      },
      {
        file: 'apps/serving/src/log/prediction-log.ts',
        from: "gatherMs: mode === 'async' ? 20 : 0",
        to: 'gatherMs: 1000',
      },
    ],
  },
  {
    name: 'an outage is not the fault of the event',
    edits: [
      {
        file: 'libs/event-bus/src/lib/delivery.ts',
        from: "if (kind !== 'transient') {",
        to: 'if (Boolean(kind)) {',
      },
    ],
  },
];
