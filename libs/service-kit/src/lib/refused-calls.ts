import { meter } from './meter.ts';

const refused = meter('adstocrat.service').createCounter('adstocrat.calls.refused', { unit: '{call}' });

/** Counts a call that was answered with an error, by protocol and by the code that its client got. */
export function countRefused(protocol: 'grpc' | 'rest', code: number): void {
  refused.add(1, { protocol, code });
}
