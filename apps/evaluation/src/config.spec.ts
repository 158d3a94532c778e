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
      GRPC_PORT: 50_053,
      CLOCK_SPEED: 1,
      SERVING_GRPC_URL: '127.0.0.1:8500',
      HOST: '127.0.0.1',
    });
  });

  it('names every variable at fault', () => {
    const faults = (): unknown => parseConfig({ ...least, DATABASE_URL: 'nowhere', CLOCK_SPEED: '0' });
    expect(faults).toThrow(/DATABASE_URL/);
    expect(faults).toThrow(/CLOCK_SPEED/);
  });
});
