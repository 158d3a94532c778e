import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/**
 * Writes a small file of its owner's alone (0600) in the place of the one before: whoever reads, and whatever is killed on the way,
 * finds the old text or the new one, never a part. One process writes a file at a time.
 */
export function replaceFile(file: string, text: string): void {
  const beside = `${file}.part`;
  rmSync(beside, { force: true });
  // Never what another has put there, as a link.
  const descriptor = openSync(beside, 'wx', 0o600);
  try {
    writeFileSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(beside, file);
}
