import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { ArtifactFolder, removeFolder } from '@adstocrat/artifact-folders';
import type { ArtifactStore } from '@adstocrat/artifact-store';
import type { Jobs, Transaction } from '@adstocrat/jobs';
import { clientOf } from '@adstocrat/jobs-postgres';
import { FailedPrecondition } from '@adstocrat/service-kit';
import { removeSpanJob } from '../clean/remove-span-job.ts';
import type { ForgottenRows } from './forgotten-rows.ts';

/** A folder, and the file without which it is none. */
export interface LeftFolder {
  readonly uri: string;
  readonly root: string;
}

const place = 'files of spans and shards that were written anew';
/** Folders of a page. */
const pageRows = 100;

/**
 * Writes a folder that is to take the place of another, beside it, under a name that nothing had. It is known from before its first file
 * on as one that goes, until {@link takePlace} says otherwise: who is killed in between leaves nothing that is not found again.
 */
export async function writeBeside<T>(
  { pool, store }: { readonly pool: Pool; readonly store: ArtifactStore },
  { uri: old, root }: LeftFolder,
  write: (folder: ArtifactFolder, uri: string) => Promise<T>,
): Promise<T> {
  const uri = `${old.replace(/\.[0-9a-f]+$/, '')}.${randomUUID().slice(0, 8)}`;
  await pool.query('INSERT INTO ingestion.forgotten_folders (uri, root, going) VALUES ($1, $2, false)', [uri, root]);
  try {
    return await write(await ArtifactFolder.begin(store, uri), uri);
  } finally {
    const mine = await pool.query('SELECT FROM ingestion.forgotten_folders WHERE uri = $1 AND NOT going', [uri]);
    // Another, to whom the lock was given, has taken it for a dead one's: what came after it was removed is known to nobody.
    if (mine.rowCount === 0) await removeFolder(store, uri, root);
  }
}

/**
 * From the transaction on in which `by` is recorded it stays, and the folder that held a person's rows goes: that is known until it is
 * gone. Throws {@link FailedPrecondition} where another, to whom the lock was given, has begun to remove `by`.
 */
export async function takePlace(
  jobs: Jobs,
  { uri, root, by }: LeftFolder & { readonly by: string },
  transaction: Transaction,
): Promise<void> {
  const client = clientOf(transaction);
  const { rowCount } = await client.query('DELETE FROM ingestion.forgotten_folders WHERE uri = $1 AND NOT going', [by]);
  if (rowCount !== 1) throw new FailedPrecondition('somebody else has begun to forget meanwhile: ask again');
  await client.query('INSERT INTO ingestion.forgotten_folders (uri, root, going) VALUES ($1, $2, true)', [uri, root]);
  await requestRemoval(jobs, { uri, root }, `forget/${uri}`, transaction);
}

/** Watches folders go whose place another took, or that took none, of this time and of earlier ones. Those that cannot are told each time. */
export async function removeFolders(
  { pool, jobs }: { readonly pool: Pool; readonly jobs: Jobs },
  { dryRun, signal }: { readonly dryRun: boolean; readonly signal: AbortSignal },
): Promise<ForgottenRows> {
  let [found, left, why] = [0, 0, ''];
  for (let after = ''; ;) {
    const { rows } = await pool.query<LeftFolder>(
      'SELECT uri, root FROM ingestion.forgotten_folders WHERE uri > $1 ORDER BY uri LIMIT $2',
      [after, pageRows],
    );
    for (const folder of rows) {
      // Whose lock is lost finds folders that another is writing.
      signal.throwIfAborted();
      found += 1;
      const reason = dryRun ? 'nothing was changed: a dry run' : await whyLeft({ pool, jobs }, folder, signal);
      if (reason === undefined)
        await pool.query('DELETE FROM ingestion.forgotten_folders WHERE uri = $1', [folder.uri]);
      else {
        left += 1;
        why ||= reason;
      }
    }
    const last = rows.at(-1);
    if (last === undefined) return { place, found, left, why };
    after = last.uri;
  }
}

const requestRemoval = (
  jobs: Jobs,
  { uri, root }: LeftFolder,
  by: string,
  transaction?: Transaction,
): Promise<unknown> => jobs.request({ kind: removeSpanJob, key: uri, payload: { uri, root }, by }, transaction);

/** Undefined where the folder is gone. */
async function whyLeft(
  { pool, jobs }: { readonly pool: Pool; readonly jobs: Jobs },
  { uri, root }: LeftFolder,
  signal: AbortSignal,
): Promise<string | undefined> {
  // Who still writes it, the lock lost, does not record it after this.
  const { rowCount } = await pool.query('UPDATE ingestion.forgotten_folders SET going = true WHERE uri = $1', [uri]);
  if (rowCount === 0) return undefined;
  await requestRemoval(jobs, { uri, root }, randomUUID());
  for await (const { state, reason } of jobs.watch(removeSpanJob, uri, signal)) {
    if (state === 'succeeded') return undefined;
    if (state === 'failed' || state === 'cancelled') return reason ?? `${uri} could not be removed`;
    // It waits for a store that does not answer, say: nobody need wait with it.
    if (state === 'waiting' && reason !== undefined && reason !== '') return `${reason}; it goes by itself after that`;
  }
  return `${uri} is being removed`;
}
