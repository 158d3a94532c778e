import { type Logger, meter } from '@adstocrat/service-kit/telemetry';

/** The prediction log in figures. Rows of this process alone, but for those that wait. */
export interface LogFigures {
  readonly loggedRows: number;
  readonly relayedRows: number;
  readonly refusedRows: number;
  readonly droppedRows: number;
  readonly lostRows: number;
  readonly waitingRows: number;
  readonly waitingBytes: number;
  /** Age of the oldest row that waits for the bus, wall seconds. */
  readonly oldestWaitingS: number;
}

const everyMs = 60_000;
const unusualS = 30;

/** Shows the figures as metrics, and once a minute as a line where rows wait for unusually long. Returns what ends that. */
export function watchLog(figures: () => LogFigures, logger: Logger): () => void {
  const own = meter('adstocrat.serving');
  const rows = own.createObservableCounter('adstocrat.prediction_log.rows', { unit: '{row}' });
  const waitingRows = own.createObservableGauge('adstocrat.prediction_log.waiting_rows', { unit: '{row}' });
  const waitingBytes = own.createObservableGauge('adstocrat.prediction_log.waiting_bytes', { unit: 'By' });
  const oldest = own.createObservableGauge('adstocrat.prediction_log.oldest_waiting', { unit: 's' });
  const observed = [rows, waitingRows, waitingBytes, oldest];
  const observe: Parameters<typeof own.addBatchObservableCallback>[0] = (result) => {
    const now = figures();
    for (const outcome of ['logged', 'relayed', 'refused', 'dropped', 'lost'] as const)
      result.observe(rows, now[`${outcome}Rows`], { outcome });
    result.observe(waitingRows, now.waitingRows);
    result.observe(waitingBytes, now.waitingBytes);
    result.observe(oldest, now.oldestWaitingS);
  };
  own.addBatchObservableCallback(observe, observed);
  let lostRows = 0;
  const timer = setInterval(() => {
    const now = figures();
    if (now.oldestWaitingS >= unusualS) logger.warn(now, 'predictions wait for the bus');
    if (now.lostRows > lostRows) logger.error(now, 'answered rows were lost: the prediction log could not be written');
    lostRows = now.lostRows;
  }, everyMs);
  timer.unref();
  return () => {
    clearInterval(timer);
    own.removeBatchObservableCallback(observe, observed);
  };
}
