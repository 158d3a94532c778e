import { describe, expect, it } from 'vitest';
import { nextCommand, usualHome } from './next-command.ts';

const words = ['run', '--data', './logs', '--task', 'task.yaml'];

describe('nextCommand', () => {
  it.each([
    ['nothing of the usual home and ports', { home: usualHome }, 'run --data ./logs --task task.yaml'],
    ['another home', { home: '/srv/ads' }, 'run --data ./logs --task task.yaml --home /srv/ads'],
    ['free ports', { home: usualHome, freePorts: true }, 'run --data ./logs --task task.yaml --free-ports'],
  ])('says %s', (_what, choice, said) => {
    expect(nextCommand(words, choice)).toBe(`npx adstocrat ${said}`);
  });

  it('quotes what a shell would take apart', () => {
    const said = nextCommand(['run', '--data', "it's here", '--task', '$x;.yaml'], { home: 'my home' });
    expect(said).toBe(`npx adstocrat run --data 'it'\\''s here' --task '$x;.yaml' --home 'my home'`);
  });
});
