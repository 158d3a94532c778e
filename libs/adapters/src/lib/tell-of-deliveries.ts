import { type DeliveryNotice, logNotice, type NoticeLogger } from '@adstocrat/event-bus';
import { meter } from '@adstocrat/service-kit/telemetry';

const bus = meter('adstocrat.event-bus');
const deadLetters = bus.createCounter('event_bus.dead_letters', { unit: '{event}' });
const pauses = bus.createCounter('event_bus.pauses', { unit: '{pause}' });

/** Counts what a bus tells of its deliveries, by topic and group, and writes it to the log. */
export function tellOfDeliveries(logger: NoticeLogger | undefined): (notice: DeliveryNotice) => void {
  return (notice) => {
    const { kind, topic, group } = notice;
    if (kind === 'dead-lettered') deadLetters.add(1, { topic, group });
    if (kind === 'paused') pauses.add(1, { topic, group });
    if (logger !== undefined) logNotice(logger, notice);
  };
}
