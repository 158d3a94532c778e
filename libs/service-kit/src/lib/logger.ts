import { type Logger, pino, stdTimeFunctions } from 'pino';

export type { Logger } from 'pino';

/** JSON lines on stdout: one event a line, constant message, data in fields. `LOG_LEVEL` sets the level (default info). */
export function createLogger(options: { readonly service: string; readonly level?: string }): Logger {
  return pino({
    level: options.level ?? process.env['LOG_LEVEL'] ?? 'info',
    base: { service: options.service, pid: process.pid },
    timestamp: stdTimeFunctions.isoTime,
  });
}
