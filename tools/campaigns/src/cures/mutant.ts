import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Cure, Edit } from './cure.ts';

const root = resolve(import.meta.dirname, '../../../..');

/**
 * A copy of the checkout with one cure taken out, its own sources and everybody else's packages. Throws where a line of the cure does
 * not stand in its file exactly once: then the list of cures is out of date.
 */
export class Mutant implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'adstocrat-mutant-'));

  constructor({ name, edits }: Cure) {
    const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], {
      cwd: root,
      encoding: 'utf8',
    });
    for (const path of listed.split('\0').filter((one) => one !== '' && existsSync(join(root, one)))) {
      mkdirSync(dirname(join(this.folder, path)), { recursive: true });
      cpSync(join(root, path), join(this.folder, path));
    }
    this.#linkPackages();
    symlinkSync(join(root, '.cache'), join(this.folder, '.cache'));
    for (const edit of edits) this.#edit(name, edit);
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #edit(cure: string, { file, from, to }: Edit): void {
    const source = readFileSync(join(this.folder, file), 'utf8');
    const found = source.split(from).length - 1;
    if (found !== 1)
      throw new Error(`cure "${cure}": its line stands ${found} times in ${file}, once is expected: ${from}`);
    writeFileSync(
      join(this.folder, file),
      source.replace(from, () => to),
    );
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
