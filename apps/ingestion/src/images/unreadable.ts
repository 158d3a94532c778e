import { DamagedArtifact } from '@adstocrat/artifact-folders';
import { ArtifactNotFound, ArtifactTooShort } from '@adstocrat/artifact-store';

/** Whether an image could not be read for what its pack or file is: asking again will not help. */
export function isUnreadable(error: unknown): error is Error {
  return error instanceof DamagedArtifact || error instanceof ArtifactNotFound || error instanceof ArtifactTooShort;
}
