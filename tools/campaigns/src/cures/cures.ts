import type { Cure } from './cure.ts';

/** The cures whose absence the small campaign must notice, and behind them those that a race must meet to show: a spec makes it. */
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
    name: 'the log goes on from what the bus has taken',
    edits: [
      {
        file: 'apps/serving/src/log/relay.ts',
        from: 'await this.#tell(batch.records);',
        to: 'await log.advance(batch); await pause(2000, signal); await this.#tell(batch.records);',
      },
    ],
  },
  {
    name: 'a prediction is known by model and id',
    edits: [
      {
        file: 'apps/serving/src/log/prediction-event.ts',
        from: 'const id = `${topics.predictionMade.name}/${model}/${predictionId}`;',
        to: 'const id = `${topics.predictionMade.name}/${predictionId}`;',
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
  {
    name: 'windows close over what was read, not by the clock',
    edits: [
      {
        file: 'apps/feedback/src/watermark/progress.ts',
        from: 'untilMs: known ? (heldBackBy?.readUntilMs ?? 0) : 0',
        to: 'untilMs: known ? Math.floor(clock.nowMs()) : 0',
      },
    ],
  },
  {
    name: "a page's clock is not believed past the server's",
    edits: [
      {
        file: 'apps/feedback/src/facts/accept.ts',
        from: 'SELECT slice, prediction_id, $1, model, id, least(time_ms, seen_ms), seen_ms FROM given',
        to: 'SELECT slice, prediction_id, $1, model, id, time_ms, seen_ms FROM given',
      },
    ],
  },
  {
    name: 'a click of another model is not this one’s',
    edits: [
      {
        file: 'apps/feedback/src/join/label-sql.ts',
        from: "AND f.kind = 'click' AND f.model IN ('', $1)",
        to: "AND f.kind = 'click'",
      },
    ],
  },
  {
    name: 'a click that is seen after the grace is late',
    edits: [
      {
        file: 'apps/feedback/src/join/label-sql.ts',
        from: '    AND f.seen_ms <= coalesce(p.opened_ms, p.served_ms) + $2 + $3\n',
        to: '    AND f.seen_ms <= coalesce(p.opened_ms, p.served_ms) + 3 * $2 + $3\n',
      },
    ],
  },
  {
    name: 'clicks are kept, none in the place of another',
    edits: [
      {
        file: 'apps/feedback/src/facts/accept.ts',
        from: 'rows.map(({ id }) => id), times,',
        to: 'rows.map(({ event }) => event.predictionId), times,',
      },
    ],
  },
  {
    name: 'a live row is taken in once',
    edits: [
      {
        file: 'apps/ingestion/src/live/live-intake.ts',
        from: 'ON CONFLICT DO NOTHING\n     RETURNING key::text AS key',
        to: 'ON CONFLICT (hour, key) DO UPDATE SET key = excluded.key\n     RETURNING key::text AS key',
      },
    ],
  },
  {
    name: 'an attempt that has lost its job ends nothing',
    spec: 'libs/jobs-postgres/src/lib/crashes.integration.spec.ts',
    edits: [
      {
        file: 'libs/jobs-postgres/src/lib/attempt.ts',
        from: 'const lost = lossOf(row, this.attempt);\n    if (lost !== undefined) {\n      this.abort(lost);',
        to: 'const lost = row === undefined ? lossOf(row, this.attempt) : undefined;\n    if (lost !== undefined) {\n      this.abort(lost);',
      },
    ],
  },
  {
    name: 'the outbox is sent by one process at a time',
    spec: 'libs/jobs-postgres/src/lib/outbox.integration.spec.ts',
    edits: [
      {
        file: 'libs/jobs-postgres/src/lib/relay.ts',
        from: 'if (locks[0]?.mine !== true) return 0;',
        to: 'if (locks.length === 0) return 0;',
      },
    ],
  },
  {
    name: 'a position is moved by its partition’s owner alone',
    spec: 'libs/event-bus-postgres/src/lib/ownership.integration.spec.ts',
    edits: [
      {
        file: 'libs/event-bus-postgres/src/lib/partition-pump.ts',
        from: 'AND owner = $5 AND epoch = $6`',
        to: 'AND ($5::uuid, $6::bigint) IS NOT NULL`',
      },
    ],
  },
  {
    name: 'a lane is closed by one process at a time',
    spec: 'apps/feedback/src/join/join.integration.spec.ts',
    edits: [
      {
        file: 'apps/feedback/src/store/cursors.ts',
        from: 'AND lane = $3 FOR UPDATE SKIP LOCKED',
        to: 'AND lane = $3',
      },
    ],
  },
];
