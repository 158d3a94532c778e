// Loaded with `node --import`, before the modules it instruments. Does nothing without OTEL_EXPORTER_OTLP_ENDPOINT.
if (process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] !== undefined) {
  const { startTelemetry } = await import('./lib/start-telemetry.ts');
  startTelemetry();
}

export {};
