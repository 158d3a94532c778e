import { type Logger, observed } from '@adstocrat/service-kit/telemetry';

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

const outcomes = ['logged', 'relayed', 'refused', 'dropped', 'lost'] as const;
const everyMs = 60_000;
const unusualS = 30;

/** Shows the figures as metrics, and once a minute as a line where rows wait for unusually long. Returns what ends that. */
export function watchLog(figures: () => LogFigures, logger: Logger): () => void {
  const gauge = (name: string, unit: string, description: string, read: (now: LogFigures) => number): (() => void) =>
    observed(`adstocrat.prediction_log.${name}`, { unit, description }, () => [[{}, read(figures())]]);
  const ends = [
    observed(
      'adstocrat.prediction_log.rows',
      { unit: '{row}', description: 'Rows of the prediction log by what became of them.', kind: 'counter' },
      () => {
        const now = figures();
        return outcomes.map((outcome) => [{ outcome }, now[`${outcome}Rows`]] as const);
      },
    ),
    gauge('waiting_rows', '{row}', 'Rows on disk that the bus has not been told.', (now) => now.waitingRows),
    gauge('waiting_bytes', 'By', 'Bytes of them.', (now) => now.waitingBytes),
    gauge('oldest_waiting', 's', 'Age of the oldest of them.', (now) => now.oldestWaitingS),
  ];
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
    for (const end of ends) end();
  };
}
