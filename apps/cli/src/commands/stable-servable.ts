import { openArtifactStore, openMetadata } from '@adstocrat/adapters';
import { joinUri, readJson } from '@adstocrat/artifact-store';
import type { DataSchema } from '@adstocrat/data-validation';
import type { ServableManifest } from '@adstocrat/servables';
import type { TransformGraph } from '@adstocrat/transforms';
import { ExitError } from '../exit-error.ts';
import type { SystemInUse } from './system-for.ts';

/** What is written of a model's stable version. Throws {@link ExitError} where it is not in service. */
export async function stableServable(
  system: SystemInUse,
  model: string,
): Promise<{ readonly schema: DataSchema; readonly manifest: ServableManifest; readonly transform: TransformGraph }> {
  const metadata = await openMetadata(system.databaseUrl);
  try {
    const deployment = await metadata.currentDeployment(model);
    const stable = deployment?.versions.find(({ version }) => version === deployment.labels['stable']);
    if (stable === undefined) {
      const known = (await metadata.currentDeployments()).map((one) => one.model);
      throw new ExitError(
        1,
        `no model "${model}" is in service${known.length === 0 ? ': train one with `npx adstocrat run`' : `; in service: ${known.join(', ')}`}`,
      );
    }
    const store = await openArtifactStore(system.artifactsUrl);
    return {
      schema: await readJson<DataSchema>(store, joinUri(stable.uri, 'data-schema.json')),
      manifest: await readJson<ServableManifest>(store, joinUri(stable.uri, 'servable.json')),
      transform: await readJson<TransformGraph>(store, joinUri(stable.uri, 'transform.json')),
    };
  } finally {
    await metadata.close();
  }
}
