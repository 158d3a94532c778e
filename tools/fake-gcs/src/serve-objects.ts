import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { CRC32C } from '@google-cloud/storage';

/** Objects of a bucket, none of which has to lie anywhere: bytes are asked for one at a time. */
export interface ServedObjects {
  /** Ascending by their UTF-8. */
  readonly names: readonly string[];
  /** The same at each call. */
  bytesOf(name: string): Uint8Array;
}

export interface ObjectServer extends AsyncDisposable {
  /** http://127.0.0.1:PORT, for STORAGE_EMULATOR_HOST. */
  readonly url: string;
}

const mostResults = 1000;
const generation = '1';
const timeCreated = new Date(0).toISOString();

/**
 * A bucket that is read alone, for more objects than the emulator lists in reasonable time: it looks at all of them for each page. Pages, facts,
 * contents, their sizes and checksums are as Cloud Storage's JSON API has them; there are no ranges.
 */
export async function serveObjects(bucket: string, { names, bytesOf }: ServedObjects): Promise<ObjectServer> {
  const known = new Set(names);
  const factsOf = (name: string): object => ({
    kind: 'storage#object',
    bucket,
    name,
    generation,
    timeCreated,
    size: String(bytesOf(name).length),
  });
  const base = `/storage/v1/b/${encodeURIComponent(bucket)}/o`;
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const { pathname, searchParams: query } = new URL(request.url ?? '', 'http://localhost');
    const json = (status: number, body: object): unknown =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    const path = pathname.replace(/^\/download/, '');
    if (request.method === 'GET' && path.replace(/\/$/, '') === base) {
      const { page, next } = pageOf(names, query);
      return json(200, { kind: 'storage#objects', items: page.map(factsOf), ...(next && { nextPageToken: next }) });
    }
    const name = path.startsWith(`${base}/`) ? decodeURIComponent(path.slice(base.length + 1)) : '';
    const asked = query.get('generation') ?? generation;
    if (request.method !== 'GET' || !known.has(name) || asked !== generation)
      return json(404, { error: { code: 404, message: 'No such object' } });
    if (query.get('alt') !== 'media') return json(200, factsOf(name));
    const bytes = bytesOf(name);
    const crc32c = new CRC32C();
    crc32c.update(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
    return response
      .writeHead(200, {
        'content-type': 'application/octet-stream',
        'content-length': bytes.length,
        'x-goog-generation': generation,
        'x-goog-stored-content-encoding': 'identity',
        'x-goog-stored-content-length': bytes.length,
        'x-goog-hash': `crc32c=${crc32c.toString()}`,
      })
      .end(bytes);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** A page of the names with a prefix. Its token is the place of the first of them. */
function pageOf(
  names: readonly string[],
  query: URLSearchParams,
): { readonly page: readonly string[]; readonly next: string | undefined } {
  const prefix = query.get('prefix') ?? '';
  const token = query.get('pageToken');
  const limit = Math.min(mostResults, Number(query.get('maxResults') ?? mostResults));
  const page: string[] = [];
  for (let at = token === null ? 0 : Number(token); at < names.length; at += 1) {
    const name = names[at] ?? '';
    if (!name.startsWith(prefix)) continue;
    if (page.length === limit) return { page, next: String(at) };
    page.push(name);
  }
  return { page, next: undefined };
}
