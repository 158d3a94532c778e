import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { WrongSetting } from './wrong-setting.ts';

/**
 * What the file that a variable names holds. `ownerOnly`: it holds secrets, and must belong to this account (or root) and be open to no
 * other. Mode and owner are those of the very file that is read. Throws {@link WrongSetting}.
 */
export function bytesIn(variable: string, file: string, ownerOnly: boolean): Buffer {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'r');
    const { mode, uid } = fstatSync(descriptor);
    const rights = (mode & 0o777).toString(8);
    if (ownerOnly && (mode & 0o077) !== 0)
      throw new WrongSetting(variable, `the file ${file} is open to other accounts (${rights}): chmod 600 it`);
    if (ownerOnly && uid !== 0 && uid !== process.getuid?.())
      throw new WrongSetting(variable, `the file ${file} belongs to another account (${uid})`);
    return readFileSync(descriptor);
  } catch (error) {
    if (error instanceof WrongSetting) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new WrongSetting(variable, `the file ${file} cannot be read: ${reasons[code ?? ''] ?? message}`, {
      cause: error,
    });
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is none',
  EACCES: 'this account may not read it',
  EISDIR: 'it is a folder',
};
