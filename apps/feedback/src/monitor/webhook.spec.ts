import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { Webhook } from './webhook.ts';

describe('Webhook', () => {
  let server: Server;
  const lines: string[] = [];
  const logger = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
    lines.length = 0;
  });

  async function serve(answer: (body: string) => number | undefined): Promise<string> {
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += String(chunk)));
      request.on('end', () => {
        const code = answer(body);
        if (code !== undefined) response.writeHead(code).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/secret-token`;
  }

  it('posts alerts in their order', async () => {
    const got: unknown[] = [];
    const webhook = new Webhook(
      await serve((body) => {
        got.push(JSON.parse(body));
        return 200;
      }),
      logger,
    );
    for (let n = 0; n < 3; n += 1) webhook.post({ n });
    await expect.poll(() => got).toEqual([{ n: 0 }, { n: 1 }, { n: 2 }]);
    await webhook.close();
  });

  it('holds nobody up where it does not answer, gives up what is too much, and never names its address', async () => {
    const webhook = new Webhook(await serve(() => undefined), logger);
    for (let n = 0; n < 150; n += 1) webhook.post({ n });
    expect(lines.filter((line) => line.includes('too many'))).toHaveLength(50);
    await webhook.close();
    expect(lines.join('')).not.toContain('secret-token');
  });
});
