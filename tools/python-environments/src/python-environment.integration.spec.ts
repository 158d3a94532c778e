import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { environmentOf } from './python-environment.ts';

const folder = mkdtempSync(join(tmpdir(), 'adstocrat-python-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('is made once, and again for another version of Python', () => {
  // Nothing is fetched: what is asked here is how it is made, not what is in it.
  const requirements = join(folder, 'nothing.txt');
  writeFileSync(requirements, '# nothing\n');
  const within = join(folder, 'environments');
  const { folder: made, python } = environmentOf(requirements, within);
  const version = execFileSync(python, ['-c', 'import sys; print(sys.prefix, "%d.%d" % sys.version_info[:2])']);
  const complete = join(made, 'complete');
  expect(String(version).trim()).toBe(`${made} ${readFileSync(complete, 'utf8')}`);
  // Whoever activates it gets this one, not the folder that it was filled in.
  expect(readFileSync(join(made, 'bin/activate'), 'utf8')).toContain(made);

  writeFileSync(join(made, 'kept'), '');
  environmentOf(requirements, within);
  expect(readdirSync(made)).toContain('kept');
  writeFileSync(complete, '2.7');
  environmentOf(requirements, within);
  expect(readdirSync(made)).not.toContain('kept');
  expect(readdirSync(within)).toHaveLength(1);
}, 60_000);
