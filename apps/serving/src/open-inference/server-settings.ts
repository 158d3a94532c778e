import { ServiceFailure, statusCode } from '@adstocrat/service-kit';

/**
 * What Triton's clients ask of traces and logs, as it is here: neither is steered by the protocol. Traces go where
 * OTEL_EXPORTER_OTLP_ENDPOINT says, and what is logged is LOG_LEVEL.
 */
export const traceSettings: Readonly<Record<string, string>> = {
  trace_level: 'OFF',
  trace_mode: 'opentelemetry',
  trace_rate: '0',
  trace_count: '-1',
  log_frequency: '0',
  trace_file: '',
};

/** The severities that a log level lets through, in Triton's words. */
export function logSettings(logLevel: string): Readonly<Record<string, boolean | number | string>> {
  const severity = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'].indexOf(logLevel);
  return {
    log_file: '',
    log_info: severity <= 2,
    log_warning: severity <= 3,
    log_error: severity <= 4,
    log_verbose_level: severity <= 1 ? 1 : 0,
    log_format: 'default',
  };
}

/** Throws UNIMPLEMENTED where a request would change what it asks for. */
export function refuseChange(what: 'trace' | 'log', settings: Iterable<string>): void {
  for (const name of settings)
    throw new ServiceFailure(
      statusCode.unimplemented,
      `${what} setting '${name.slice(0, 80)}' cannot be changed by a request: the server's environment sets it`,
    );
}
