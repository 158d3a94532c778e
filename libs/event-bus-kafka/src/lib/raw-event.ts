import type { IHeaders, KafkaMessage } from 'kafkajs';
import type { RawEvent } from '@adstocrat/event-bus';

/** A message as the port knows events. Its timestamp is the broker's: topics are made so. */
export function rawEvent(topic: string, partition: number, message: KafkaMessage): RawEvent {
  const headers: Record<string, string> = {};
  for (const name in message.headers) headers[name] = textOf(message.headers[name]);
  return {
    id: headers['ce_id'] ?? `${topic}/${partition}/${message.offset}`,
    key: message.key?.toString() ?? '',
    topic,
    partition,
    position: message.offset,
    appendedMs: Number(message.timestamp),
    headers,
    data: message.value ?? Buffer.alloc(0),
  };
}

function textOf(value: IHeaders[string]): string {
  return String(Array.isArray(value) ? (value[0] ?? '') : (value ?? ''));
}
