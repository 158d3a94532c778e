import type { EventBus, NoticeLogger } from '@adstocrat/event-bus';
import { tellOfDeliveries } from './tell-of-deliveries.ts';

export interface OpenEventBusOptions {
  /** Name of the service: the broker's client id. */
  readonly client?: string;
  /** Headers of the active trace, asked for at each publish. */
  readonly traceHeaders?: () => Readonly<Record<string, string>>;
  /** Told of pauses, dead letters and what stays unread. */
  readonly logger?: NoticeLogger;
}

/**
 * Opens the bus that a URL names: `postgres://…`, `kafka://host:port,host:port` or `kafkas://user:password@host:port?sasl=…`, each
 * with `?partitions=N` for the topics that are made on first use. Connects lazily. Throws `TypeError` for anything else.
 */
export async function openEventBus(url: string, options: OpenEventBusOptions = {}): Promise<EventBus> {
  const scheme = /^([a-z]+):\/\//.exec(url)?.[1];
  const { client = 'adstocrat', traceHeaders, logger } = options;
  const common = {
    ...(traceHeaders === undefined ? {} : { traceHeaders }),
    onDelivery: tellOfDeliveries(logger),
  };
  switch (scheme) {
    case 'postgres':
    case 'postgresql': {
      const { PostgresEventBus } = await import('@adstocrat/event-bus-postgres');
      const partitions = new URL(url).searchParams.get('partitions');
      return new PostgresEventBus({
        url: withoutParameter(url, 'partitions'),
        ...common,
        ...(partitions === null ? {} : { partitions: wholeNumber(partitions) }),
      });
    }
    case 'kafka':
    case 'kafkas': {
      const { KafkaEventBus, parseKafkaUrl } = await import('@adstocrat/event-bus-kafka');
      return new KafkaEventBus({ ...parseKafkaUrl(url), clientId: client, ...common });
    }
    default:
      throw new TypeError(
        `an event bus is named by kafka://host:port,host:port, kafkas://… or postgres://…, got ${scheme ?? 'no scheme'}`,
      );
  }
}

function withoutParameter(url: string, name: string): string {
  const parsed = new URL(url);
  parsed.searchParams.delete(name);
  return parsed.toString();
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 1000)
    throw new TypeError(`partitions in the URL of an event bus must be 1 to 1000, got "${text}"`);
  return value;
}
