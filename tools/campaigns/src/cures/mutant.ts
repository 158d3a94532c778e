import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Cure } from './cure.ts';

const root = resolve(import.meta.dirname, '../../../..');

/**
 * A copy of the checkout with one cure taken out, its own sources and everybody else's packages. Throws where the cure's line does
 * not stand in its file exactly once: then the list of cures is out of date.
 */
export class Mutant implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'adstocrat-mutant-'));

  constructor({ name, file, from, to }: Cure) {
    const source = readFileSync(join(root, file), 'utf8');
    const found = source.split(from).length - 1;
    if (found !== 1)
      throw new Error(`cure "${name}": its line stands ${found} times in ${file}, once is expected: ${from}`);
    const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], {
      cwd: root,
      encoding: 'utf8',
    });
    for (const path of listed.split('\0').filter((one) => one !== '')) {
      mkdirSync(dirname(join(this.folder, path)), { recursive: true });
      cpSync(join(root, path), join(this.folder, path));
    }
    this.#linkPackages();
    symlinkSync(join(root, '.cache'), join(this.folder, '.cache'));
    writeFileSync(
      join(this.folder, file),
      source.replace(from, () => to),
    );
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** The workspace's own packages lead into the copy, all others to where they are installed. */
  #linkPackages(): void {
    const own = '@adstocrat';
    const [from, to] = [join(root, 'node_modules'), join(this.folder, 'node_modules')];
    mkdirSync(join(to, own), { recursive: true });
    for (const name of readdirSync(from)) if (name !== own) symlinkSync(join(from, name), join(to, name));
    cpSync(join(from, own), join(to, own), { recursive: true, verbatimSymlinks: true });
  }
}
