import { describe, expect, it } from 'vitest';
import { parseKafkaUrl } from './kafka-address.ts';

describe('the URL of a Kafka cluster', () => {
  it.each([
    ['kafka://a:9092,b:9093', { brokers: ['a:9092', 'b:9093'] }],
    ['kafka://a:9092?partitions=12', { brokers: ['a:9092'], partitions: 12 }],
    ['kafkas://a:9092', { brokers: ['a:9092'], tls: {} }],
    [
      'kafkas://user:p%40ss%3Aword@a:9092,b:9092/?sasl=scram-sha-512',
      {
        brokers: ['a:9092', 'b:9092'],
        tls: {},
        sasl: { mechanism: 'scram-sha-512', username: 'user', password: 'p@ss:word' },
      },
    ],
    [
      'kafka://user:word@a:9092?sasl=scram-sha-256',
      { brokers: ['a:9092'], sasl: { mechanism: 'scram-sha-256', username: 'user', password: 'word' } },
    ],
  ])('reads %s', (url, address) => {
    expect(parseKafkaUrl(url)).toEqual(address);
  });

  it.each([
    ['kafka://', 'is named by kafka://host:port,host:port'],
    ['kafka://host', 'host:port, got "host"'],
    ['kafka://a:9092,', 'host:port, got ""'],
    ['kafka://a:99999', 'host:port, got "a:99999"'],
    ['kafkas://user:secret@a:9092', 'needs sasl=plain|scram-sha-256|scram-sha-512, got none'],
    ['kafkas://user:secret@a:9092?sasl=oauth', 'got oauth'],
    ['kafkas://a:9092?sasl=plain', 'needs user:password@'],
    ['kafka://user:secret@a:9092?sasl=plain', 'use kafkas://'],
    ['kafka://a:9092?ca=/x.pem', 'is for kafkas://'],
    ['kafka://a:9092?acks=1', 'not "acks"'],
    ['kafka://a:9092?partitions=0', 'must be 1 to 1000'],
  ])('refuses %s and says why, without the password', (url, why) => {
    expect(() => parseKafkaUrl(url)).toThrow(TypeError);
    expect(() => parseKafkaUrl(url)).toThrow(why);
    expect(() => parseKafkaUrl(url)).not.toThrow('secret');
  });
});
