import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Storage } from '@google-cloud/storage';
import { type ObjectServer, serveObjects } from './serve-objects.ts';

describe('serveObjects', () => {
  const names = Array.from({ length: 2003 }, (_, index) => `img/${String(index).padStart(5, '0')} é.jpg`);
  let server: ObjectServer;
  let storage: Storage;
  beforeAll(async () => {
    const objects = { names: ['a.csv', ...names], bytesOf: (name: string) => Buffer.from(`content of ${name}`) };
    server = await serveObjects('ads', objects);
    storage = new Storage({ apiEndpoint: server.url, projectId: 'emulator', useAuthWithCustomEndpoint: false });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it('lists page by page what has the prefix, with sizes', async () => {
    const [files] = await storage.bucket('ads').getFiles({ prefix: 'img/', maxResults: 500, autoPaginate: true });
    expect(files.map(({ name }) => name)).toEqual(names.slice(0, 500));
    const all: { readonly name: string; readonly size: unknown }[] = [];
    let pageToken: string | undefined;
    do {
      const query = { prefix: 'img/', autoPaginate: false, ...(pageToken !== undefined && { pageToken }) };
      const [page, next] = await storage.bucket('ads').getFiles(query);
      all.push(...page.map(({ name, metadata }) => ({ name, size: metadata.size })));
      pageToken = (next as { readonly pageToken?: string } | null)?.pageToken;
    } while (pageToken !== undefined);
    expect(all).toEqual(names.map((name) => ({ name, size: String(Buffer.byteLength(`content of ${name}`)) })));
  });

  it('gives contents that the client finds whole', async () => {
    const file = storage.bucket('ads').file('img/00007 é.jpg');
    const [content] = await file.download({ validation: 'crc32c' });
    expect(content.toString()).toBe('content of img/00007 é.jpg');
    await expect(storage.bucket('ads').file('img/none').download()).rejects.toMatchObject({ code: 404 });
    const other = storage.bucket('ads').file('a.csv', { generation: 2 });
    await expect(other.download()).rejects.toMatchObject({ code: 404 });
  });
});
