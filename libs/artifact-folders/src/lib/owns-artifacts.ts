import { ArtifactExists, type ArtifactStore, joinUri, readJson } from '@adstocrat/artifact-store';

/** Says whose a folder of artifacts is. Written once, by who comes first. */
const fileName = 'installation.json';

/**
 * Whether a folder of artifacts belongs to this installation, which is what one registry records; a folder that nobody has becomes its. What no record of this
 * registry names may be what another one's names: only the owner can tell what nothing needs.
 */
export async function ownsArtifacts(
  store: ArtifactStore,
  artifactsUrl: string,
  installation: string,
): Promise<boolean> {
  const uri = joinUri(artifactsUrl, fileName);
  try {
    await store.create(uri, [Buffer.from(JSON.stringify({ installation }))]);
    return true;
  } catch (error) {
    if (!(error instanceof ArtifactExists)) throw error;
    return (await readJson<{ readonly installation: string }>(store, uri)).installation === installation;
  }
}
