import type { tensorflowServing as tfs } from '@adstocrat/schemas';
import { FailedPrecondition, InvalidRequest } from '@adstocrat/service-kit';
import type { ModelTable } from '../models/model-table.ts';
import type { ServedModel } from '../models/served-model.ts';

/**
 * ModelService.HandleReloadConfigRequest, where the registry says what is served: a configuration that says what is in force is accepted,
 * and changes nothing; any other is refused. Throws {@link InvalidRequest} or {@link FailedPrecondition}, in TensorFlow Serving's words
 * where it has any.
 */
export function refuseOtherConfig(models: ModelTable, config: tfs.ModelServerConfig | undefined): void {
  const list = config?.modelConfigList?.config;
  if (list === undefined)
    throw new InvalidRequest(
      'ServerModelConfig type not supported by HandleReloadConfigRequest. Only ModelConfigList is currently supported',
    );
  const names = new Set<string>();
  for (const { name } of list) {
    if (names.has(name)) throw new InvalidRequest(`Illegal to list model ${name} multiple times in config list`);
    names.add(name);
  }
  for (const { name, versionLabels } of list)
    for (const version of versionLabels.values())
      if (models.get(name)?.isAvailable(Number(version)) !== true)
        throw new FailedPrecondition(
          `Request to assign label to version ${version} of model ${name}, which is not currently available for inference`,
        );
  const served = models.list().filter(({ routing }) => routing !== undefined);
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
