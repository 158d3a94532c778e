import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from './logger.ts';

export interface WaitOptions {
  readonly logger: Pick<Logger, 'warn' | 'info'>;
  readonly signal?: AbortSignal;
  readonly firstPauseMs?: number;
  readonly maxPauseMs?: number;
  /** Errors that waiting does not cure. */
  readonly isFinal?: (error: unknown) => boolean;
}

/**
 * Tries until it works, with pauses that double from 0.2 s to 5 s, and says each time which dependency is missing and why.
 * Throws what `isFinal` accepts, and `signal.reason` once aborted.
 */
export async function waitFor<T>(dependency: string, attempt: () => Promise<T>, options: WaitOptions): Promise<T> {
  let pauseMs = options.firstPauseMs ?? 200;
  for (let tries = 1; ; tries += 1) {
    options.signal?.throwIfAborted();
    try {
      const value = await attempt();
      if (tries > 1) options.logger.info({ dependency, tries }, 'dependency is back');
      return value;
    } catch (error) {
      if (options.isFinal?.(error) === true) throw error;
      options.logger.warn({ dependency, reason: reasonOf(error), nextTryMs: pauseMs }, 'waiting for a dependency');
      await sleep(pauseMs, undefined, options.signal === undefined ? {} : { signal: options.signal });
      pauseMs = Math.min(options.maxPauseMs ?? 5000, pauseMs * 2);
    }
  }
}

/** A URL with its password hidden, for logs and messages. */
export function withoutPassword(url: string): string {
  return url.replace(/^([a-z+]+:\/\/[^:/@]*):[^@]*@/, '$1:***@');
}

function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
