import type { ArtifactStore } from '@adstocrat/artifact-store';
import { type EventBus, isConnectionError } from '@adstocrat/event-bus';
import type { Metadata } from '@adstocrat/metadata';
import { callScopes } from '@adstocrat/schemas';
import {
  type Clock,
  clockFrom,
  Entrance,
  healthOf,
  recogniseAbsence,
  type Resource,
  type ServiceConfig,
  waitFor,
} from '@adstocrat/service-kit';
import { injectTraceContext, type Logger } from '@adstocrat/service-kit/telemetry';
import { openEventBus } from './open-event-bus.ts';
import { openArtifactStore, openMetadata } from './open-stores.ts';

/** What every service stands on, opened from its environment. */
export interface Platform {
  readonly bus: EventBus;
  readonly metadata: Metadata;
  readonly store: ArtifactStore;
  readonly clock: Clock;
  /** What the service's listeners share. */
  readonly entrance: Entrance;
  /** Whether database and bus answer, by name. */
  readonly health: () => Promise<Readonly<Record<string, boolean>>>;
  /** Database, then bus: to be started before anything that uses them. Each waits, out loud, until it is there. */
  readonly resources: readonly Resource[];
  /** The same for a service that works without them: nothing waits. They are closed at the stop. */
  readonly withoutWaiting: readonly Resource[];
}

/**
 * Opens bus, registry and artifacts. Connects lazily. `name` is the service's, `signal` ends its waiting. Throws `WrongSetting` where what
 * guards the listeners is not as the environment says.
 */
export async function openPlatform(
  name: string,
  config: ServiceConfig,
  logger: Logger,
  signal: AbortSignal,
): Promise<Platform> {
  const entrance = new Entrance(config, callScopes, logger);
  recogniseAbsence(isConnectionError);
  const traceHeaders = (): Readonly<Record<string, string>> => injectTraceContext();
  const bus = await openEventBus(config.EVENT_BUS_URL, { client: name, traceHeaders, logger });
  const metadata = await openMetadata(config.DATABASE_URL);
  const waiting = { logger, signal };
  const closing = { metadata: () => metadata.close(), bus: () => bus.close() };
  const started = (): Promise<void> => Promise.resolve();
  return {
    bus,
    metadata,
    store: await openArtifactStore(config.ARTIFACTS_URL),
    clock: clockFrom(config),
    entrance,
    health: healthOf({ database: () => metadata.ping(), 'event bus': () => bus.ping() }),
    resources: [
      entrance,
      {
        name: 'metadata',
        start: () => waitFor('database', () => metadata.migrate(), waiting),
        stop: closing.metadata,
      },
      { name: 'event bus', start: () => waitFor('event bus', () => bus.ping(), waiting), stop: closing.bus },
    ],
    withoutWaiting: [
      entrance,
      { name: 'metadata', start: started, stop: closing.metadata },
      { name: 'event bus', start: started, stop: closing.bus },
    ],
  };
}
