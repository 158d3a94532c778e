import { readFile } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';
import { demoHtml, demoModules, demoPolicy } from '@adstocrat/demo-page';
import { FailedPrecondition, NotFound } from '@adstocrat/service-kit';
import { z } from 'zod';

const features = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));
const Content = z.strictObject({
  model: z.string().min(1),
  feedback: z.url({ protocol: /^https?$/ }),
  places: z.int().min(1).max(100),
  visitors: z.array(z.strictObject({ name: z.string(), features })).min(1),
  ads: z
    .array(z.strictObject({ title: z.string(), image: z.string().startsWith('data:image/').optional(), features }))
    .min(1),
});

/** GET /demo, a page that shows ads by their scores, of what `file` says. It may be written, and written anew, while the server runs. */
export function demoPage(file: string): (app: FastifyInstance) => void {
  const modules = demoModules();
  return (app) => {
    app.get('/demo', async (_request, reply) => {
      const { feedback } = await contentIn(file);
      return reply
        .type('text/html; charset=utf-8')
        .header('content-security-policy', demoPolicy(feedback))
        .send(demoHtml);
    });
    app.get('/demo/content.json', () => contentIn(file));
    app.get('/demo/modules/*', (request, reply) => {
      const script = modules.get((request.params as { readonly '*': string })['*']);
      if (script === undefined) throw new NotFound('the page has no such module');
      return reply.type('text/javascript; charset=utf-8').send(script);
    });
  };
}

/** Throws {@link NotFound} where there is no file yet, and {@link FailedPrecondition} that says what is wrong with it. */
async function contentIn(file: string): Promise<z.infer<typeof Content>> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new NotFound('there is nothing to show yet: DEMO_PAGE names a file that cannot be read', { cause: error });
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new FailedPrecondition(`the file of DEMO_PAGE is no JSON: ${(error as Error).message}`, { cause: error });
  }
  const parsed = Content.safeParse(json);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0] ?? { path: [], message: '' };
  throw new FailedPrecondition(`the file of DEMO_PAGE: ${path.map(String).join('.')} ${message}`);
}
