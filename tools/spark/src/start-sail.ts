import { resolve } from 'node:path';
import { environmentOf, type PythonEnvironment } from '@adstocrat/python-environments';
import { type ConnectServer, startConnectServer } from './connect-server.ts';

/** Sail 0.7.2 and the Python of its executors, made from PyPI where it is not there yet: 440 MB on disk. */
export function installSail(): PythonEnvironment {
  return environmentOf(resolve(import.meta.dirname, '../python/sail-0.7.2.txt'));
}

/** Starts Sail 0.7.2, which speaks Spark's protocol and starts in a second. */
export function startSail(): Promise<ConnectServer> {
  const { python } = installSail();
  return startConnectServer(python, (port) => [
    ...['-m', 'pysail', 'spark', 'server', '--ip', '127.0.0.1', '--port', String(port)],
  ]);
}
