import type { Logger } from '@adstocrat/service-kit/telemetry';

const timeoutMs = 5000;

/** Posts alerts as JSON. A webhook that does not take one is logged and holds nothing up: the bus has the alert too. */
export function postJson(url: string, logger: Logger): (alert: object) => Promise<void> {
  return async (alert) => {
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(alert),
        signal: AbortSignal.timeout(timeoutMs),
      });
      if (!response.ok) logger.warn({ url, status: response.status }, 'webhook refused an alert');
    } catch (error) {
      logger.warn({ url, reason: (error as Error).message }, 'webhook did not answer');
    }
  };
}
