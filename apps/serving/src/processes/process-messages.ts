import type { StatusCode } from '@adstocrat/service-kit';
import type { VersionStatistics } from '../open-inference/model-statistics.ts';

/** What all processes of a server are asked: what each counts, or to load or unload a model, or to keep out one that others unloaded. */
export type Question =
  | { readonly about: 'counts' | 'statistics' }
  | { readonly about: 'load' | 'unload' | 'keep-out'; readonly model: string };

/** What each answers: Prometheus's text; counters of V2; whether it did, false where it has no such model. */
export interface AnswerAbout {
  readonly counts: string;
  readonly statistics: readonly VersionStatistics[];
  readonly load: boolean;
  readonly unload: boolean;
  readonly 'keep-out': boolean;
}

/** What a process tells its supervisor: it listens; it is to be sent requests; what it was asked; what it asks of all. */
export type FromProcess =
  | { readonly serving: 'listens' | 'ready' }
  | { readonly serving: 'answers'; readonly id: number; readonly answer: unknown }
  | Asks;

/**
 * What a supervisor tells a process: another listens in its place; what it asks; what all answered to what the process asked, null for
 * one that did not; why all are not asked that.
 */
export type ToProcess =
  | { readonly serving: 'retire' }
  | Asks
  | { readonly serving: 'answers'; readonly id: number; readonly answers: readonly unknown[] }
  | ({ readonly serving: 'refuses'; readonly id: number } & Refused);

/** `withinMs`: wall milliseconds that whoever asks waits: what has not been begun by then need not be. */
export interface Asks {
  readonly serving: 'asks';
  readonly id: number;
  readonly question: Question;
  readonly withinMs: number;
}

/** A failure of service-kit, for another process. */
export interface Refused {
  readonly code: StatusCode;
  readonly refused: string;
}

/** Wall milliseconds within which a process answers, or is left out. A load fetches and checks versions. */
export function answersWithinMs({ about }: Question): number {
  return about === 'counts' || about === 'statistics' ? 1000 : 120_000;
}

export function isFromProcess(message: unknown): message is FromProcess {
  return ['listens', 'ready', 'answers', 'asks'].includes(saidBy(message));
}

export function isToProcess(message: unknown): message is ToProcess {
  return ['retire', 'answers', 'refuses', 'asks'].includes(saidBy(message));
}

function saidBy(message: unknown): string {
  return String((message as { readonly serving?: unknown } | null)?.serving);
}
