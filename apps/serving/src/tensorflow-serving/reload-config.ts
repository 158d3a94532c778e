import type { tensorflowServing as tfs } from '@adstocrat/schemas';
import { FailedPrecondition, InvalidRequest, ServiceFailure } from '@adstocrat/service-kit';
import { BadModelConfig, type FolderModel, placeUri } from '../models/folders/folder-model.ts';
import type { ReloadModels } from '../models/folders/reload-models.ts';
import type { ModelTable } from '../models/model-table.ts';
import type { ServedModel } from '../models/served-model.ts';

/** What a configuration by request may change. */
export interface Reloading {
  /** Absent where there are no folders of models. */
  readonly folders: ReloadModels | undefined;
  /** True for one of several processes. */
  readonly supervised: () => boolean;
}

/**
 * ModelService.HandleReloadConfigRequest: the models of folders become those that it lists. Models of the registry are the registry's: a
 * configuration that says of them what is in force is accepted, any other is refused. Throws {@link InvalidRequest},
 * {@link FailedPrecondition} or {@link ServiceFailure}, in TensorFlow Serving's words where it has any.
 */
export async function reloadConfig(
  { models, folders, supervised }: Reloading & { readonly models: ModelTable },
  config: tfs.ModelServerConfig | undefined,
): Promise<void> {
  const list = config?.modelConfigList?.config;
  if (list === undefined)
    throw new InvalidRequest(
      'ServerModelConfig type not supported by HandleReloadConfigRequest. Only ModelConfigList is currently supported',
    );
  refuseTwice(list);
  const isOfFolder = ({ name }: tfs.ModelConfig): boolean =>
    folders !== undefined && models.ownerOf(name) !== 'registry';
  refuseOtherDeployments(
    models,
    list.filter((one) => !isOfFolder(one)),
  );
  if (folders === undefined) return;
  if (supervised())
    throw new FailedPrecondition(
      'this process is one of several: change the file that MODEL_CONFIG_FILE names, which all of them read',
    );
  const wanted = list.filter(isOfFolder);
  const reloaded = await inConfigWords(() => folders.reload(wanted.map(folderModelOf)));
  if (reloaded.kind === 'label') throw unavailableLabel(reloaded.version, reloaded.model);
  if (reloaded.kind === 'not loaded') {
    const why = Array.from(reloaded.models, ([name, reason]) => `{${name}: ${reason}}`).join(', ');
    throw new ServiceFailure(2, `${reloaded.models.size} servable(s) did not become available: {${why}}`);
  }
}

async function inConfigWords<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw error instanceof BadModelConfig ? new InvalidRequest(error.message, { cause: error }) : error;
  }
}

function folderModelOf({ name, basePath, modelVersionPolicy, versionLabels }: tfs.ModelConfig): FolderModel {
  if (basePath === '') throw new BadModelConfig(`model ${name} has no base_path`);
  const { all, specific, latest } = modelVersionPolicy ?? {};
  const count = Math.max(1, latest?.numVersions ?? 1);
  return {
    name,
    base: placeUri(basePath),
    policy:
      specific !== undefined
        ? { kind: 'specific', versions: specific.versions.map(Number) }
        : all !== undefined
          ? { kind: 'all' }
          : { kind: 'latest', count },
    labels: Object.fromEntries(Array.from(versionLabels, ([label, version]) => [label, Number(version)])),
  };
}

function refuseTwice(list: readonly tfs.ModelConfig[]): void {
  const names = new Set<string>();
  for (const { name } of list) {
    if (names.has(name)) throw new InvalidRequest(`Illegal to list model ${name} multiple times in config list`);
    names.add(name);
  }
}

function unavailableLabel(version: bigint | number, name: string): FailedPrecondition {
  return new FailedPrecondition(
    `Request to assign label to version ${version} of model ${name}, which is not currently available for inference`,
  );
}

/** Throws where the list says of the registry's models what is not in force, or leaves one out. */
function refuseOtherDeployments(models: ModelTable, list: readonly tfs.ModelConfig[]): void {
  const names = new Set(list.map(({ name }) => name));
  for (const { name, versionLabels } of list)
    for (const version of versionLabels.values())
      if (models.get(name)?.isAvailable(Number(version)) !== true) throw unavailableLabel(version, name);
  const served = models
    .list()
    .filter(({ name, routing }) => routing !== undefined && models.ownerOf(name) === 'registry');
  const other =
    list.find((one) => !isInForce(models.get(one.name), one))?.name ??
    served.find(({ name }) => !names.has(name))?.name;
  if (other !== undefined)
    throw new FailedPrecondition(
      `model ${other}: the models, versions and labels of this server are those that its registry has deployed, and a request does not change them`,
    );
}

/** A configuration without labels or versions says nothing of them. */
function isInForce(served: ServedModel | undefined, { versionLabels, modelVersionPolicy }: tfs.ModelConfig): boolean {
  if (served?.routing === undefined) return false;
  const { labels } = served.routing;
  for (const [label, version] of versionLabels)
    if (!Object.hasOwn(labels, label) || labels[label] !== Number(version)) return false;
  return (modelVersionPolicy?.specific?.versions ?? []).every((version) => served.isAvailable(Number(version)));
}
