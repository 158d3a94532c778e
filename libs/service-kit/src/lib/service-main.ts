import { claimWorkDir } from './claim-work-dir.ts';
import { WrongSetting } from './entrance/wrong-setting.ts';
import { endAfterGrace, endOnUnhandledErrors, endProcess } from './end-of-process.ts';
import { createLogger, type Logger } from './logger.ts';
import { type Resource, runService } from './run-service.ts';
import type { ListenerConfig } from './service-environment.ts';
import { shutdownSignal } from './shutdown-signal.ts';

/** A service: its name, its configuration, and what it runs. */
export interface Service<C extends ListenerConfig> {
  readonly name: string;
  /** From the environment. Throws zod's error, which names every variable at fault. */
  readonly parseConfig: (environment: NodeJS.ProcessEnv) => C;
  /** What to run, in starting order. */
  readonly compose: (config: C, logger: Logger, signal: AbortSignal) => Promise<readonly Resource[]>;
}

/**
 * Runs a service until it is told to stop, and ends the process within its grace then, whatever hangs. What ends it otherwise is
 * logged, and the process exits with 1: whoever started it starts it again. The work folder is its own while it runs, and what it
 * writes is its owner's alone.
 */
export async function serviceMain<C extends ListenerConfig>(service: Service<C>): Promise<void> {
  const logger = createLogger({ service: service.name });
  endOnUnhandledErrors(logger);
  try {
    const config = service.parseConfig(process.env);
    const signal = shutdownSignal();
    endAfterGrace(signal, config.SHUTDOWN_GRACE_MS, logger);
    logger.info('starting');
    process.umask(0o077);
    // Held until the process is gone.
    await claimWorkDir(config.WORK_DIR);
    const resources = await service.compose(config, logger, signal);
    await runService(resources, { signal, graceMs: config.SHUTDOWN_GRACE_MS });
    logger.info('stopped');
    await endProcess(0);
  } catch (error) {
    const problems = configurationProblems(error);
    if (problems === undefined) logger.fatal({ err: error }, 'stopped on an error');
    else
      logger.fatal(
        { problems },
        'configuration is wrong: set these environment variables, see the README of the service',
      );
    // What did not stop would hold the process for ever.
    await endProcess(1);
  }
}

/** "VARIABLE: what is wrong with it", for zod's error and {@link WrongSetting}; undefined for any other. */
function configurationProblems(error: unknown): readonly string[] | undefined {
  if (error instanceof WrongSetting) return [`${error.variable}: ${error.message}`];
  const { name, issues } = error as { readonly name?: string; readonly issues?: readonly Issue[] };
  if (name !== 'ZodError' || issues === undefined) return undefined;
  return issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}
