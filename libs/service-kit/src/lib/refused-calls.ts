import { counter } from './metrics/instruments.ts';

const refused = counter('adstocrat.calls.refused', {
  unit: '{call}',
  description: 'Calls answered with an error, by protocol and by the code that the client got.',
});

/** Counts a call that was answered with an error, by protocol and by the code that its client got. */
export function countRefused(protocol: 'grpc' | 'rest', code: number): void {
  refused.add(1, { protocol, code });
}
