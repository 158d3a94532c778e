import { createHash } from 'node:crypto';

/** The id of an event that is always the same for the same text: the text, or its sha256 where that has more than 256 bytes. */
export function eventId(text: string): string {
  return Buffer.byteLength(text) <= 256 ? text : createHash('sha256').update(text).digest('hex');
}
