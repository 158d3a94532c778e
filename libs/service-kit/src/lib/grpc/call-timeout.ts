import { ServiceFailure } from '../service-error.ts';
import { statusCode } from '../status-code.ts';

const unitsMs: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 };
const pattern = /^(\d{1,8})([HMSmun])$/;

/** Milliseconds that a call's grpc-timeout leaves it; Infinity without one. Throws `ServiceFailure` for what is no time. */
export function timeoutMs(header: string | undefined): number {
  if (header === undefined) return Infinity;
  const [, count, unit = ''] = pattern.exec(header) ?? [];
  const unitMs = unitsMs[unit];
  if (count === undefined || unitMs === undefined)
    throw new ServiceFailure(statusCode.internal, `Invalid grpc-timeout value "${header}"`);
  return Number(count) * unitMs;
}
