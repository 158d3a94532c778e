import { describe, expect, it } from 'vitest';
import { ConnectSession } from './connect-session.ts';
import { sql } from './plans.ts';

describe('ConnectSession', () => {
  it.each(['spark://host:1', 'sc://', 'sc://host:port', 'sc://host/path', 'sc://host:1/;token=a', 'host:15002'])(
    'refuses %s, which names no plain Spark Connect server',
    (url) => {
      expect(() => new ConnectSession(url)).toThrow(TypeError);
    },
  );

  it('says where it found nobody, and closes all the same', async () => {
    // Nobody listens on a port that only root may take.
    const session = new ConnectSession('sc://127.0.0.1:1');
    await expect(session.rows(sql('SELECT 1')).next()).rejects.toThrow('Spark at 127.0.0.1:1: ');
    await session.close();
  });
});
