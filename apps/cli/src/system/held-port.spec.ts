import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { listenOn } from './held-port.ts';

const servers: Server[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => new Promise((closed) => server.close(closed))));
});

async function listening(): Promise<Server> {
  const server = createServer((socket) => socket.on('error', () => undefined).resume()).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return server;
}

describe('listenOn', () => {
  it('waits for a port that the system gave to a connection', async () => {
    const { port } = (await listening()).address() as AddressInfo;
    const connection = connect(port, '127.0.0.1');
    await once(connection, 'connect');
    let isDone = false;
    const due = listenOn(connection.localPort ?? 0).finally(() => (isDone = true));
    await sleep(300);
    expect(isDone).toBe(false);
    connection.resetAndDestroy();
    const server = await due;
    servers.push(server);
    // Each try that failed would have left one: Node warns of eleven.
    expect([server.listenerCount('listening'), server.listenerCount('error')]).toEqual([0, 0]);
  });

  it('says that another listens there, who stays', async () => {
    const { port } = (await listening()).address() as AddressInfo;
    await expect(listenOn(port)).rejects.toThrow(/EADDRINUSE/);
  });
});
