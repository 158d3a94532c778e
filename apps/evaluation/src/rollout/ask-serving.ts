import { credentials, type ServiceError, status } from '@grpc/grpc-js';
import { tensorflowServing as tfs } from '@adstocrat/schemas';
import type { AskServing } from './roll-out.ts';

const State = tfs.ModelVersionStatus_State;

/** Asks a serving process by TensorFlow Serving's GetModelStatus. */
export function servingAt(url: string): { readonly ask: AskServing; readonly close: () => void } {
  const client = new tfs.ModelServiceClient(url, credentials.createInsecure());
  return {
    ask: async (model, version) => {
      try {
        const request = tfs.GetModelStatusRequest.create({ modelSpec: { name: model, version, signatureName: '' } });
        const { modelVersionStatus } = await new Promise<tfs.GetModelStatusResponse>((resolve, reject) => {
          client.getModelStatus(request, (error, response) => {
            if (error === null) resolve(response);
            else reject(error);
          });
        });
        const found = modelVersionStatus.find((one) => one.version === version);
        if (found?.state === State.AVAILABLE) return { state: 'available' };
        const failure = found?.status?.errorMessage ?? '';
        if (found?.state === State.END && failure !== '') return { state: 'failed', reason: failure };
        return { state: 'loading' };
      } catch (error) {
        const { code, details } = error as Partial<ServiceError>;
        // Not told of it yet.
        if (code === status.NOT_FOUND) return { state: 'loading' };
        return { state: 'unreachable', reason: details ?? String(error) };
      }
    },
    close: () => {
      client.close();
    },
  };
}
