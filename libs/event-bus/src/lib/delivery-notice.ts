interface Where {
  readonly topic: string;
  readonly group: string;
  readonly partition: number;
}

/** What a bus tells of its deliveries, for logs and counters. */
export type DeliveryNotice =
  | (Where & {
      /** A dependency is away: the partition waits. Said once until it goes on. */
      readonly kind: 'paused';
      readonly reason: string;
    })
  | (Where & { readonly kind: 'resumed'; readonly pausedMs: number })
  | (Where & {
      /** An event was put aside: nobody handles it until it is replayed. */
      readonly kind: 'dead-lettered';
      /** Its place in the partition. */
      readonly position: string;
      readonly id: string;
      readonly reason: string;
      readonly attempts: number;
      /** What the broker took of it: all, a letter without its bytes, or nothing, and then this notice is all that tells of it. */
      readonly letter: 'whole' | 'cut' | 'refused';
    })
  | (Where & {
      /** A group has not read an event for so long that somebody should look. Nothing is deleted before it has. */
      readonly kind: 'unread';
      /** When the oldest unread event was appended, Unix milliseconds on the bus's clock. */
      readonly oldestMs: number;
    });

/** Part of a structured logger: pino's, or any with the same shape. */
export interface NoticeLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Writes a notice to a log: one event, one line. */
export function logNotice(logger: NoticeLogger, notice: DeliveryNotice): void {
  const { kind, ...fields } = notice;
  switch (kind) {
    case 'paused':
      logger.warn(fields, 'partition paused: a dependency is away');
      return;
    case 'resumed':
      logger.info(fields, 'partition goes on');
      return;
    case 'dead-lettered':
      logger.error(fields, 'event put aside as a dead letter');
      return;
    case 'unread':
      logger.warn(fields, 'events are unread for long');
      return;
  }
}
