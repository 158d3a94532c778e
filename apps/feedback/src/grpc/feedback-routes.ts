import type { Pool } from 'pg';
import type { EventBus } from '@adstocrat/event-bus';
import type { feedback } from '@adstocrat/schemas';
import { type Clock, NotFound } from '@adstocrat/service-kit';
import { serverStream, unary } from '@adstocrat/service-kit/grpc';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import { labelledUntilMs, recordRetrain } from '../monitor/retrain.ts';
import { doneUntil } from '../store/cursors.ts';
import { lanes } from '../store/tables.ts';
import type { Tasks } from '../tasks.ts';
import { forget } from '../forget/forget.ts';
import { findPredictions } from './find-predictions.ts';
import type { Monitors } from './monitors-of.ts';
import { watchAlerts } from './watch-alerts.ts';

export interface FeedbackRoutesOptions {
  readonly pool: Pool;
  readonly bus: EventBus;
  readonly tasks: Tasks;
  readonly monitors: Monitors;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Ends the watches. */
  readonly stopping: AbortSignal;
}

/** Longest reason that a person may give. */
const maxReason = 1000;

/** FeedbackService. */
export function feedbackRoutes(options: FeedbackRoutesOptions): feedback.FeedbackServiceServer {
  const { pool, bus, tasks, monitors, clock, logger, stopping } = options;
  return {
    getMonitors: unary<feedback.GetMonitorsRequest, feedback.GetMonitorsResponse>(logger, ({ model }) =>
      monitors.of(model),
    ),

    watchAlerts: serverStream<feedback.WatchAlertsRequest, feedback.WatchAlertsResponse>(
      logger,
      ({ model }, { signal }) => watchAlerts(pool, model, AbortSignal.any([signal, stopping])),
    ),

    findPredictions: unary<feedback.FindPredictionsRequest, feedback.FindPredictionsResponse>(logger, (request) =>
      findPredictions(pool, clock, request),
    ),

    forget: unary<feedback.ForgetRequest, feedback.ForgetResponse>(logger, (request) => forget({ pool, bus }, request)),

    requestRetrain: unary<feedback.RequestRetrainRequest, feedback.RequestRetrainResponse>(
      logger,
      async ({ model, reason }) => {
        const { watermarkMs } = await monitors.of(model);
        const rule = (await tasks.all()).get(model)?.rule;
        if (rule === undefined) throw new NotFound(`there is no task "${model}": nothing of it can be labelled`);
        const standing = {
          nowMs: watermarkMs,
          labelledUntilMs: labelledUntilMs(await doneUntil(pool, 'labels', model, lanes), rule),
        };
        const said =
          reason
            .toWellFormed()
            .replaceAll(/\p{Cc}/gu, ' ')
            .slice(0, maxReason) || 'asked for by a person';
        return { retrainId: await recordRetrain(pool, model, said, standing) };
      },
    ),
  };
}
