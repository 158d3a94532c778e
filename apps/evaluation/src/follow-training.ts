import type { EventBus, Subscription } from '@adstocrat/event-bus';
import { topics } from '@adstocrat/schemas';
import type { Resource } from '@adstocrat/service-kit';
import { withTraceContext } from '@adstocrat/service-kit/telemetry';
import { acceptCandidate, type AcceptCandidateOptions } from './candidates/accept-candidate.ts';

/** Accepts what training makes. While the registry is away the events wait. */
export function followTraining(
  options: AcceptCandidateOptions & { readonly bus: EventBus; readonly dependenciesAnswer: () => Promise<boolean> },
): Resource {
  const { bus, dependenciesAnswer } = options;
  let subscription: Subscription | undefined;
  return {
    name: 'model.trained',
    start: async () => {
      subscription = await bus.subscribe(
        topics.modelTrained,
        { group: 'evaluation', dependenciesAnswer },
        async (batch) => {
          for (const event of batch)
            await withTraceContext('accept candidate', event.headers, () => acceptCandidate(options, event));
        },
      );
    },
    stop: async () => subscription?.close(),
  };
}
