import type { FastifyInstance } from 'fastify';
import { metricsText, prometheusType } from '@adstocrat/service-kit/telemetry';

/** What this process counts, where TensorFlow Serving tells it: one model's dashboards find the other's. */
export function metricsRoute(app: FastifyInstance): void {
  app.get('/monitoring/prometheus/metrics', (_request, reply) => reply.type(prometheusType).send(metricsText()));
}
