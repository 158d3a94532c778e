import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { deadLetterOf, deadLetterTopic, encodeEvent } from '@adstocrat/event-bus';
import { topics } from '@adstocrat/schemas';

interface Document {
  readonly channels: Readonly<
    Record<string, { readonly address: string; readonly messages: Readonly<Record<string, { readonly $ref: string }>> }>
  >;
  readonly components: {
    readonly messages: Readonly<Record<string, { readonly name: string }>>;
    readonly schemas: {
      readonly CloudEvent: { readonly required: readonly string[] };
      readonly DeadLetter: { readonly allOf: readonly [unknown, { readonly required: readonly string[] }] };
    };
  };
}

const document = parse(readFileSync(resolve(import.meta.dirname, '../../../docs/asyncapi.yaml'), 'utf8')) as Document;
const messageOf = (address: string): string | undefined => {
  const channel = Object.values(document.channels).find((one) => one.address === address);
  const [reference] = Object.values(channel?.messages ?? {});
  return document.components.messages[reference?.$ref.split('/').at(-1) ?? '']?.name;
};

describe('docs/asyncapi.yaml', () => {
  it('has a channel and a dead-letter channel for each topic, and no other', () => {
    const wanted = Object.values(topics).flatMap(({ name }) => [name, deadLetterTopic(name)]);
    const described = Object.values(document.channels).map(({ address }) => address);
    expect(described.toSorted()).toEqual(wanted.toSorted());
  });

  it.each(Object.values(topics).map(({ name, message }) => ({ name, message })))(
    'gives $name the message $message',
    ({ name, message }) => {
      expect(messageOf(name)).toBe(message);
      expect(messageOf(deadLetterTopic(name))).toBe(message);
    },
  );

  it('names the headers that events carry', () => {
    const event = { retrainId: 'r', model: 'm', task: 't', reason: '', eventTimeMs: 0, requestedAtMs: 0, untilMs: 0 };
    const { headers, ...rest } = encodeEvent(topics.retrainRequested, { key: 'm', source: 'spec', event });
    expect(Object.keys(headers).toSorted()).toEqual(document.components.schemas.CloudEvent.required.toSorted());
    const delivered = { ...rest, headers, topic: 'retrain.requested', partition: 0, position: '1', appendedMs: 0 };
    const { headers: dead } = deadLetterOf(delivered, { group: 'training', reason: 'why', attempts: 5 });
    const added = Object.keys(dead).filter((name) => !(name in headers));
    expect(added.toSorted()).toEqual(document.components.schemas.DeadLetter.allOf[1].required.toSorted());
  });
});
