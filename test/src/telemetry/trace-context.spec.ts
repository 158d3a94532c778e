import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../../..');
const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const parentId = '00f067aa0ba902b7';

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly service: string;
}

describe('a trace', () => {
  const processes: ChildProcess[] = [];
  const spans: Span[] = [];
  let collector: Server;

  /** What an OpenTelemetry collector takes, OTLP as JSON. */
  beforeAll(async () => {
    collector = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        if (request.url === '/v1/traces') take(JSON.parse(body) as Otlp);
        response.setHeader('content-type', 'application/json').end('{}');
      });
    }).listen(0, '127.0.0.1');
    await once(collector, 'listening');
  });
  afterAll(() => {
    for (const child of processes) child.kill('SIGKILL');
    collector.close();
  });

  interface Otlp {
    readonly resourceSpans: readonly {
      readonly resource: {
        readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue?: string } }[];
      };
      readonly scopeSpans: readonly { readonly spans: readonly Omit<Span, 'service'>[] }[];
    }[];
  }
  function take({ resourceSpans }: Otlp): void {
    for (const { resource, scopeSpans } of resourceSpans) {
      const service = resource.attributes.find(({ key }) => key === 'service.name')?.value.stringValue ?? '';
      for (const scope of scopeSpans) spans.push(...scope.spans.map((span) => ({ ...span, service })));
    }
  }

  async function start(name: 'front' | 'back', ...args: readonly string[]): Promise<number> {
    const child = spawn(
      process.execPath,
      [
        ...['--conditions=@adstocrat/source', '--disable-warning=ExperimentalWarning'],
        ...[
          `--import=${resolve(root, 'libs/service-kit/src/register.ts')}`,
          resolve(import.meta.dirname, `${name}.fixture.ts`),
          ...args,
        ],
      ],
      {
        env: {
          ...process.env,
          OTEL_SERVICE_NAME: name,
          OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
          OTEL_BSP_SCHEDULE_DELAY: '100',
          OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(collector.address() as AddressInfo).port}`,
          OTEL_METRICS_EXPORTER: 'none',
          OTEL_LOGS_EXPORTER: 'none',
        },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    processes.push(child);
    const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
    return Number(chunk.toString());
  }

  it('goes from HTTP over a gRPC client and server into the headers of an event and its handler', async () => {
    const back = await start('back');
    const front = await start('front', `127.0.0.1:${back}`);
    const response = await fetch(`http://127.0.0.1:${front}/`, {
      headers: { traceparent: `00-${traceId}-${parentId}-01` },
    });
    const [said, handled] = JSON.parse(await response.text()) as readonly string[];
    expect(said).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`));
    expect(handled).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`));
    const wanted = 4;
    for (
      const end = Date.now() + 240_000;
      spans.filter((span) => span.traceId === traceId).length < wanted && Date.now() < end;
    )
      await sleep(50);
    const own = spans.filter((span) => span.traceId === traceId);
    const after = (parent: string): Span | undefined => own.find(({ parentSpanId }) => parentSpanId === parent);
    const http = after(parentId);
    const client = after(http?.spanId ?? '');
    const server = after(client?.spanId ?? '');
    const handler = after(server?.spanId ?? '');
    expect([http?.service, client?.service, server?.service, handler?.service]).toEqual([
      'front',
      'front',
      'back',
      'back',
    ]);
    expect(handler?.name).toBe('handle');
    expect(said).toContain(server?.spanId);
    expect(handled).toContain(handler?.spanId);
  });
});
