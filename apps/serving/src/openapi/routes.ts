import type { FastifyInstance } from 'fastify';
import { openApiDocument } from './document.ts';
import { operations } from './operations.ts';
import { page, pagePolicy } from './page.ts';

/** GET /openapi.json, and /docs, a page to try it. */
export function openApiRoutes(app: FastifyInstance): void {
  const document = openApiDocument(operations);
  app.get('/openapi.json', () => document);
  app.get('/docs', (_request, reply) =>
    reply.type('text/html; charset=utf-8').header('content-security-policy', pagePolicy).send(page),
  );
}
