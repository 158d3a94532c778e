import { setTimeout as sleep } from 'node:timers/promises';
import type { feedback } from '@adstocrat/schemas';
import { callWhenUp } from '../system/calls.ts';
import { systemFor, type SystemChoice } from './system-for.ts';

export interface MonitorOptions extends SystemChoice {
  readonly model: string;
  readonly watch?: boolean;
  readonly json?: boolean;
}

/** Shows feedback's newest figures; with `watch`, every two seconds. */
export async function monitor(options: MonitorOptions): Promise<void> {
  await using system = await systemFor(options);
  for (;;) {
    const figures = await callWhenUp<feedback.GetMonitorsResponse>((done) =>
      system.clients.feedback.getMonitors({ model: options.model }, done),
    );
    if (options.json === true) console.log(JSON.stringify(figures));
    else {
      const { predictions, labelled, clicks, waiting } = figures;
      console.log(
        `${predictions} predictions, ${labelled} labelled (${clicks} clicks), ${waiting} waiting for their window`,
      );
      if (figures.readings.length === 0) console.log('no reading yet: a window of the task must be over first');
      else
        console.table(
          figures.readings.map(({ monitor: name, subject, version, value, threshold, rows }) => ({
            monitor: name,
            subject,
            version,
            value: Number(value.toPrecision(4)),
            threshold: Number.isFinite(threshold) ? Number(threshold.toPrecision(4)) : 'never',
            rows,
            alert: figures.openAlerts.some(
              (one) => one.monitor === name && one.subject === subject && one.version === version,
            )
              ? 'open'
              : '',
          })),
        );
      for (const alert of figures.openAlerts)
        console.log(`alert since ${new Date(alert.raisedAtMs).toISOString()}: ${alert.message}`);
    }
    if (options.watch !== true) return;
    await sleep(2000);
  }
}
