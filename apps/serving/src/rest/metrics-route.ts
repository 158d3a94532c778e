import type { FastifyInstance } from 'fastify';
import { prometheusType } from '@adstocrat/service-kit/telemetry';

/** What the server counts, where TensorFlow Serving tells it: one model's dashboards find the other's. */
export function metricsRoute(app: FastifyInstance, metricsText: () => Promise<string>): void {
  app.get('/monitoring/prometheus/metrics', async (_request, reply) =>
    reply.type(prometheusType).send(await metricsText()),
  );
}
