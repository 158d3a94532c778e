import { describe, expect, it } from 'vitest';
import { usualHome } from './next-command.ts';
import { outOfService } from './out-of-service.ts';

const choice = { home: usualHome };
const version = { model: 'ads', version: 2, reasons: [], stable: 3 };

describe('outOfService', () => {
  it('names what was asked of a version that was refused, and what serves', () => {
    const refused = { ...version, state: 'not_blessed', reasons: ['AUC 0.48 is below 0.5', 'x'], stable: undefined };
    const said = outOfService(refused, choice);
    expect(said).toMatch(/^version 2 was not put into service: AUC 0\.48 is below 0\.5; x\. No version serves\. /);
    expect(said).toContain('thresholds of task.yaml');
    expect(said).toContain('npx adstocrat models --model ads --report DIR');
  });

  it('tells one that was replaced, which no reason says', () => {
    expect(outOfService({ ...version, state: 'superseded' }, choice)).toBe(
      'version 2, which this data and task make, was replaced by a newer version: version 3 serves on. `npx adstocrat rollback --model ads --version 2` puts it back',
    );
    expect(outOfService({ ...version, state: 'rolled_back', reasons: ['by hand'] }, choice)).toContain(
      'rolled back (by hand)',
    );
  });

  it('names commands for the home that it was asked in', () => {
    const said = outOfService({ ...version, state: 'superseded' }, { home: '/srv/ads', freePorts: true });
    expect(said).toContain(
      '`npx adstocrat rollback --model ads --version 2 --home /srv/ads --free-ports` puts it back',
    );
  });
});
