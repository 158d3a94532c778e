import { tensorflowServing as tfs } from '@adstocrat/schemas';

export const predictPath = '/tensorflow.serving.PredictionService/Predict';

/** A call of Predict for one row of the model "ads" that has a price and nothing else. */
export function onePrice(price: number): Uint8Array {
  const tensor = tfs.TensorProto.create({ dtype: tfs.DataType.DT_FLOAT, floatVal: [price] });
  const request = tfs.PredictRequest.create({
    modelSpec: { name: 'ads', signatureName: '' },
    inputs: new Map([['price', tensor]]),
  });
  return tfs.PredictRequest.encode(request).finish();
}
