import type { EventBus, Subscription } from '@adstocrat/event-bus';
import type { Metadata } from '@adstocrat/metadata';
import { topics } from '@adstocrat/schemas';
import type { Resource } from '@adstocrat/service-kit';
import { type Logger, withTraceContext } from '@adstocrat/service-kit/telemetry';
import type { LoadedDeployments } from './loaded-deployments.ts';

/** Wall milliseconds between two looks at the registry: a net under the events, which say it sooner. */
const lookMs = 2000;
/** Wall milliseconds that a start waits for the registry, which may hang: then it goes on with what this folder has. */
const firstLookMs = 3000;

/**
 * Follows the deployments: what the registry has at the start (or, while it is away, what this folder was last served from),
 * then each change. Starting ends when what was in force is loaded.
 */
export function followDeployments(options: {
  readonly deployments: LoadedDeployments;
  readonly metadata: Metadata;
  readonly bus: EventBus;
  /** Consumer group of this process alone: every server hears every change. */
  readonly group: string;
  readonly logger: Logger;
}): Resource & { readonly known: boolean } {
  const { deployments, metadata, bus, group, logger } = options;
  let subscription: Subscription | undefined;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let away = false;
  let known = false;
  const said = (error: unknown): void => {
    if (!away)
      logger.warn({ reason: (error as Error).message }, 'deployments cannot be followed, the last ones stay in force');
    away = true;
  };
  const look = async (): Promise<void> => {
    try {
      await subscribe();
      const current = await metadata.currentDeployments();
      if (away) logger.info('deployments are followed again');
      away = false;
      await Promise.all(current.map((deployment) => deployments.apply(deployment)));
      known = true;
    } catch (error) {
      said(error);
    }
  };
  const subscribe = async (): Promise<void> => {
    subscription ??= await bus.subscribe(topics.deploymentChanged, { group, from: 'latest' }, async (batch) => {
      for (const { event, headers } of batch)
        await withTraceContext('apply deployment', headers, () => deployments.apply(event));
    });
  };
  const next = (): void => {
    if (stopped) return;
    timer = setTimeout(() => void look().finally(next), lookMs);
  };
  return {
    name: 'deployments',
    /** Whether it is known what is deployed, from the registry or this folder, and it has been tried to load it. */
    get known() {
      return known;
    },
    start: async () => {
      let answered = true;
      const current = await within(firstLookMs, metadata.currentDeployments()).catch((error: unknown) => {
        said(error);
        answered = false;
        return deployments.kept();
      });
      await Promise.all(current.map((deployment) => deployments.apply(deployment)));
      known = answered || current.length > 0;
      // Not waited for: a bus that hangs must not keep this server from answering.
      void look().finally(next);
    },
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await subscription?.close();
    },
  };
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
