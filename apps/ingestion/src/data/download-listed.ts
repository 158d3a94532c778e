import { downloadArtifact } from '@adstocrat/artifact-folders';
import { ArtifactForbidden, type ArtifactInfo, ArtifactNotFound, type ArtifactStore } from '@adstocrat/artifact-store';
import { InvalidRequest } from '@adstocrat/service-kit';

/**
 * Downloads an object in the generation that was listed, whole: what is replaced meanwhile is an error, not a mixture. Throws
 * {@link InvalidRequest} where it changed since, or may not be read.
 */
export async function downloadListed(
  source: ArtifactStore,
  { uri, bytes, generation }: ArtifactInfo,
  path: string,
  options: { readonly within: string; readonly onBytes?: (bytes: number) => void },
): Promise<void> {
  const changed = (cause?: unknown): InvalidRequest =>
    new InvalidRequest(`${uri} changed while it was read: ask again`, { cause });
  try {
    const came = await downloadArtifact(source, uri, path, { generation, ...options });
    if (came.bytes !== bytes) throw changed();
  } catch (error) {
    if (error instanceof ArtifactNotFound) throw changed(error);
    if (error instanceof ArtifactForbidden)
      throw new InvalidRequest(`no permission to read ${uri}: give this service's account the right to read it`, {
        cause: error,
      });
    throw error;
  }
}
