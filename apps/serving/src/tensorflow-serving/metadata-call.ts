import { tensorflowServing as tfs } from '@adstocrat/schemas';
import { InvalidRequest } from '@adstocrat/service-kit';
import { targetOfSpec } from './model-target.ts';
import type { ServedModels } from './served-models.ts';
import { signatureDefsOf } from './signature-def.ts';

/** The one metadata field that there is. */
export const signatureDefField = 'signature_def';

/** PredictionService.GetModelMetadata: the signatures of the version asked for, else of the stable one. */
export async function metadataCall(
  models: ServedModels,
  { modelSpec, metadataField }: tfs.GetModelMetadataRequest,
): Promise<tfs.GetModelMetadataResponse> {
  if (modelSpec === undefined) throw new InvalidRequest('Missing ModelSpec');
  if (metadataField.length === 0)
    throw new InvalidRequest('GetModelMetadataRequest must specify at least one metadata_field');
  const other = metadataField.find((field) => field !== signatureDefField);
  if (other !== undefined) throw new InvalidRequest(`Metadata field ${other} is not supported`);
  const { model, version, signature } = await models.describe(targetOfSpec(modelSpec));
  const signatureDef = signatureDefsOf(signature);
  const value = Buffer.from(tfs.SignatureDefMap.encode({ signatureDef }).finish());
  return {
    modelSpec: tfs.ModelSpec.create({ name: model, version: BigInt(version) }),
    metadata: new Map([
      [signatureDefField, { typeUrl: 'type.googleapis.com/tensorflow.serving.SignatureDefMap', value }],
    ]),
  };
}
