import { describe, expect, it } from 'vitest';
import { parseConfig } from './config.ts';

const least = {
  EVENT_BUS_URL: 'kafka://127.0.0.1:9092',
  DATABASE_URL: 'postgres://127.0.0.1/a',
  ARTIFACTS_URL: 'file:///tmp/a',
};

describe('parseConfig', () => {
  it('fills in defaults', () => {
    expect(parseConfig(least)).toMatchObject({
      GRPC_PORT: 8513,
      CLOCK_SPEED: 1,
      SERVING_GRPC_URLS: ['127.0.0.1:8500'],
      HOST: '127.0.0.1',
    });
  });

  it('takes one serving instance or several, each once', () => {
    const urls = (change: object): unknown => parseConfig({ ...least, ...change }).SERVING_GRPC_URLS;
    expect(urls({ SERVING_GRPC_URLS: 'a:1' })).toEqual(['a:1']);
    expect(urls({ SERVING_GRPC_URLS: 'b:2, c:3,b:2' })).toEqual(['b:2', 'c:3']);
  });

  it.each(['DATABASE_URL', 'CLOCK_SPEED', 'SERVING_GRPC_URLS'])('names %s at fault', (name) => {
    const wrong = { DATABASE_URL: 'nowhere', CLOCK_SPEED: '0', SERVING_GRPC_URLS: 'a:1,,b:2' };
    expect(() => parseConfig({ ...least, ...wrong })).toThrow(new RegExp(name));
  });
});
