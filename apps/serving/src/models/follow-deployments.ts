import type { EventBus, Subscription } from '@adstocrat/event-bus';
import type { Metadata } from '@adstocrat/metadata';
import { topics } from '@adstocrat/schemas';
import type { Resource } from '@adstocrat/service-kit';
import { type Logger, withTraceContext } from '@adstocrat/service-kit/telemetry';
import type { Deployments } from './deployments.ts';

/** Wall milliseconds between two looks at the registry: a net under the events, which say it sooner. */
const lookMs = 2000;

/**
 * Follows the deployments: what the registry has at the start (or, while it is away, what this folder was last served from),
 * then each change. Starting ends when what was in force is loaded.
 */
export function followDeployments(options: {
  readonly deployments: Deployments;
  readonly metadata: Metadata;
  readonly bus: EventBus;
  /** Consumer group of this process alone: every server hears every change. */
  readonly group: string;
  readonly logger: Logger;
}): Resource {
  const { deployments, metadata, bus, group, logger } = options;
  let subscription: Subscription | undefined;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let away = false;
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
    start: async () => {
      let current;
      try {
        current = await metadata.currentDeployments();
      } catch (error) {
        said(error);
        current = deployments.kept();
      }
      await Promise.all(current.map((deployment) => deployments.apply(deployment)));
      await subscribe().catch(said);
      next();
    },
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await subscription?.close();
    },
  };
}
