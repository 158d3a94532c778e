import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestAuthority } from '@adstocrat/service-kit/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTls, tlsFilesIn } from './command-tls.ts';
import { postJson } from './post-json.ts';

describe('a command whose services speak TLS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'command-tls-'));
  const authority = new TestAuthority(folder, 'ours');
  const [server, client] = [authority.issue('server'), authority.issue('client')];
  const got: string[] = [];
  let listening: Server;
  let url: string;
  let status = 202;

  beforeEach(async () => {
    const [cert, key, ca] = [server.cert, server.key, authority.ca].map((file) => readFileSync(file));
    listening = createServer({ cert, key, ca, requestCert: true, rejectUnauthorized: true }, (request, response) => {
      request.on('data', (chunk) => got.push(String(chunk)));
      request.on('end', () => response.writeHead(status).end());
    });
    await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
    url = `https://127.0.0.1:${(listening.address() as AddressInfo).port}/v1/clicks`;
  });
  afterEach(() => {
    listening.close();
    listening.closeAllConnections();
    rmSync(folder, { recursive: true, force: true });
  });

  it('says clicks with its certificate, to who shows one that it trusts', async () => {
    const own = { TLS_CERT: server.cert, TLS_KEY: server.key, TLS_CA: authority.ca };
    const files = tlsFilesIn({ ...own, TLS_CLIENT_CERT: client.cert, TLS_CLIENT_KEY: client.key });
    const tls = openTls(files);
    const strangers = new TestAuthority(folder, 'strangers');
    await postJson(url, [{ predictionId: 'p' }], tls);
    expect(got).toEqual(['[{"predictionId":"p"}]']);
    status = 503;
    await expect(postJson(url, [], tls)).rejects.toThrow(`${url} answered 503`);
    await expect(postJson(url, [], openTls(tlsFilesIn(own)))).rejects.toThrow();
    await expect(postJson(url, [], openTls({ ...files, TLS_CA: strangers.ca }))).rejects.toThrow(/certificate/);
    expect(() => openTls({ TLS_CA: join(folder, 'none') })).toThrow(/^TLS_CA: the file .* there is none/);
  });
});

describe('tlsFilesIn', () => {
  it.each([{ TLS_CERT: 'a' }, { TLS_CA: 'a' }])('refuses %o alone', (environment) => {
    expect(() => tlsFilesIn(environment)).toThrow(/^TLS_CERT and TLS_CA: .* Set both, or neither/);
  });
});
