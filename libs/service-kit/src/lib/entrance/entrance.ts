import type { Logger } from '../logger.ts';
import type { Resource } from '../run-service.ts';
import type { ServiceConfig } from '../service-environment.ts';
import { ServerTls } from './server-tls.ts';

/** What all listeners of a service share about who comes in. */
export class Entrance implements Resource {
  readonly name = 'entrance';
  /** Absent: connections are plain. */
  readonly tls: ServerTls | undefined;

  /** Throws `WrongSetting` that names the variable at fault. */
  constructor(config: ServiceConfig, logger: Logger) {
    this.tls = ServerTls.from(config, logger);
  }

  start(): Promise<void> {
    this.tls?.files.watch();
    return Promise.resolve();
  }

  stop(): Promise<void> {
    this.tls?.files.close();
    return Promise.resolve();
  }
}
