import { readTime } from '@adstocrat/examples';
import { parsePlainTime } from './plain-time.ts';

/**
 * Text as whole Unix milliseconds: ISO 8601 or `YYYY-MM-DD hh:mm:ss[.f][zone]`, UTC without a zone. NaN for anything else, also for a
 * day that no calendar has and an hour beyond 23.
 */
export function parseTime(text: string): number {
  const plain = parsePlainTime(text);
  return Number.isNaN(plain) ? readTime(text, 'iso-8601') : plain;
}
