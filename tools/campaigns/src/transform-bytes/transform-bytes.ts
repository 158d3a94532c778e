import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { bundleForBrowser, openChromium } from '@adstocrat/chromium';
import { type CampaignReport, exactly } from '../campaign-report.ts';
import { fittedGraph, inBatches, ofPixels, rowByRow, tablesRead } from './in-any-engine.ts';

/** What an engine came to. All is text or JSON, so that it can be compared as it stands. */
export interface EngineResult {
  readonly graph: string;
  readonly batches: string;
  readonly singles: string;
  readonly pixels: string;
  readonly tables: { readonly read: number; readonly wrong: readonly string[] };
}

export interface TransformBytesOptions {
  readonly rows: number;
  readonly say: (sentence: string) => void;
}

/** The same source in this process and in Chromium, as a bundle: fits every operation, applies them in batches and row by row. */
export async function transformBytes({ rows, say }: TransformBytesOptions): Promise<CampaignReport> {
  const { node, chromium, version } = await inBothEngines(rows, say);
  const differ = (name: keyof EngineResult): number =>
    JSON.stringify(node[name]) === JSON.stringify(chromium[name]) ? 0 : 1;
  say(`${rows} rows, every operation: sha256 ${node.batches} in Node ${process.version}`);
  say(`${rows} rows, every operation: sha256 ${chromium.batches} in ${version}`);
  return {
    bench: 'transform-bytes',
    figures: { rows, cellsRead: chromium.tables.read },
    peers: {},
    bars: [
      exactly('graphs that Chromium fits otherwise', differ('graph'), 0),
      exactly('digests of batches that differ between Node and Chromium', differ('batches'), 0),
      exactly('digests of single rows that differ between Node and Chromium', differ('singles'), 0),
      exactly('digests that differ between batches and single rows', node.batches === node.singles ? 0 : 1, 0),
      exactly('digests of pictures that differ', differ('pixels'), 0),
      exactly('cells of the tables that Chromium reads otherwise', chromium.tables.wrong.length, 0),
    ],
  };
}

/** What Node and Chromium each come to over `rows` rows. */
export async function inBothEngines(
  rows: number,
  say: (sentence: string) => void = () => undefined,
): Promise<{ readonly node: EngineResult; readonly chromium: EngineResult; readonly version: string }> {
  const script = await bundleForBrowser(join(import.meta.dirname, 'in-any-engine.ts'), 'engine');
  const server = await blankPages();
  try {
    await using browser = await openChromium();
    const page = await browser.open(server.url);
    await page.evaluate(`${script}\nglobalThis.engine = engine; true`);
    say(`Node ${process.version} fits and applies`);
    const graph = fittedGraph(rows);
    const node = {
      graph,
      batches: await inBatches(graph, rows),
      singles: await rowByRow(graph, rows),
      pixels: await ofPixels(),
      tables: tablesRead(),
    };
    say(`${browser.version} fits and applies`);
    const chromium = (await page.evaluate(`(async () => {
      const graph = engine.fittedGraph(${rows});
      return {
        graph,
        batches: await engine.inBatches(graph, ${rows}),
        singles: await engine.rowByRow(graph, ${rows}),
        pixels: await engine.ofPixels(),
        tables: engine.tablesRead(),
      };
    })()`)) as EngineResult;
    return { node, chromium, version: browser.version };
  } finally {
    server.close();
  }
}

/** A page of the loopback's: SHA-256 is there for pages of a secure context alone, which no blank one is. */
function blankPages(): Promise<{ readonly url: string; close(): void }> {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>transforms</title>');
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      resolve({ url: `http://127.0.0.1:${port}/`, close: () => server.close() });
    });
  });
}
