import { runService, shutdownSignal } from '@adstocrat/service-kit';
import { createLogger } from '@adstocrat/service-kit/telemetry';
import { compose } from './compose.ts';
import { parseConfig } from './config.ts';

const logger = createLogger({ service: 'feedback' });
try {
  const config = parseConfig(process.env);
  const signal = shutdownSignal();
  logger.info({ grpcPort: config.GRPC_PORT, restPort: config.REST_PORT }, 'starting');
  await runService(await compose(config, logger, signal), { signal, graceMs: config.SHUTDOWN_GRACE_MS });
  logger.info('stopped');
} catch (error) {
  logger.fatal({ err: error }, 'stopped on an error');
  process.exitCode = 1;
}
