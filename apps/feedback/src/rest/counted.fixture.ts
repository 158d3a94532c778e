import { metrics } from '@opentelemetry/api';
import {
  AggregationTemporality,
  type DataPoint,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';

// Imported before what counts: an instrument that was made before there was a reader counts nothing.
const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));

/** What a counter has come to, of the points that have all these attributes. */
export async function counted(name: string, attributes: Readonly<Record<string, string>>): Promise<number> {
  exporter.reset();
  await reader.forceFlush();
  const points = exporter
    .getMetrics()
    .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics: all }) => all))
    .filter(({ descriptor }) => descriptor.name === name)
    .flatMap(({ dataPoints }): DataPoint<unknown>[] => dataPoints);
  const wanted = Object.entries(attributes);
  return points
    .filter((point) => wanted.every(([key, value]) => point.attributes[key] === value))
    .reduce((sum, { value }) => sum + Number(value), 0);
}
