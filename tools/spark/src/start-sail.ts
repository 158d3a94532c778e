import { join, resolve } from 'node:path';
import { environmentOf } from '@adstocrat/python-environments';
import { type ConnectServer, startConnectServer } from './connect-server.ts';

/** Starts Sail 0.7.2, which speaks Spark's protocol and starts in a second. Made from PyPI where it is not there yet: 570 MB on disk. */
export function startSail(): Promise<ConnectServer> {
  const { folder } = environmentOf(resolve(import.meta.dirname, '../python/sail-0.7.2.txt'));
  return startConnectServer(join(folder, 'bin/sail'), (port) => [
    ...['spark', 'server', '--ip', '127.0.0.1', '--port', String(port)],
  ]);
}
