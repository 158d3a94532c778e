import { type Meter, metrics } from '@opentelemetry/api';

/** Where a part of a service makes its instruments, which libs/service-kit/README.md lists. They cost nothing where nobody reads them. */
export function meter(name: string): Meter {
  return metrics.getMeter(name);
}
