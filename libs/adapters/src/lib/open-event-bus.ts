import type { EventBus } from '@adstocrat/event-bus';

export interface OpenEventBusOptions {
  /** Name of the service: the broker's client id. */
  readonly client?: string;
  /** Headers of the active trace, asked for at each publish. */
  readonly traceHeaders?: () => Readonly<Record<string, string>>;
}

/** Opens the bus that a URL names. Connects lazily. Throws `TypeError` for a scheme that no adapter has. */
export async function openEventBus(url: string, options: OpenEventBusOptions = {}): Promise<EventBus> {
  const { protocol } = new URL(url.split(',')[0] ?? '');
  const trace = options.traceHeaders === undefined ? {} : { traceHeaders: options.traceHeaders };
  switch (protocol) {
    case 'postgres:':
    case 'postgresql:': {
      const { PostgresEventBus } = await import('@adstocrat/event-bus-postgres');
      return new PostgresEventBus({ url, ...trace });
    }
    case 'kafka:': {
      const { KafkaEventBus } = await import('@adstocrat/event-bus-kafka');
      const brokers = url.replace(/^kafka:\/\//, '').split(',');
      return new KafkaEventBus({ brokers, clientId: options.client ?? 'adstocrat', ...trace });
    }
    default:
      throw new TypeError(`an event bus is named by kafka://host:port,host:port or postgres://…, got ${protocol}//`);
  }
}
