import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventBusContract } from '@adstocrat/event-bus/testing';
import { startPostgres } from '@adstocrat/postgres';
import { PostgresEventBus } from './postgres-event-bus.ts';

eventBusContract('PostgresEventBus', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'adstocrat-bus-'));
  chmodSync(folder, 0o755);
  const dataDir = join(folder, 'data');
  let server = await startPostgres({ dataDir });
  const { url, port } = server;
  return {
    open: () => new PostgresEventBus({ url }),
    restartBroker: async () => {
      await server.kill();
      server = await startPostgres({ dataDir, port });
    },
    close: async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
});
