import { setTimeout as sleep } from 'node:timers/promises';
import { type ServiceError, status } from '@grpc/grpc-js';
import { tensorflowServing as tfs } from '@adstocrat/schemas';
import { ExitError } from '../exit-error.ts';
import { call } from '../system/calls.ts';
import type { Clients } from '../system/clients.ts';

/**
 * Waits until all servers have a version of the model available (this version, where one is named): calls take turns among them, so as many as
 * there are must say so in a row.
 */
export async function waitUntilServed(clients: Clients, model: string, version?: number): Promise<void> {
  const until = Date.now() + 60_000;
  let inARow = 0;
  const request = tfs.GetModelStatusRequest.create({ modelSpec: { name: model, signatureName: '' } });
  for (;;) {
    try {
      const response = await call<tfs.GetModelStatusResponse>((done) => clients.models.getModelStatus(request, done));
      const available = response.modelVersionStatus.filter(
        (one) =>
          one.state === tfs.ModelVersionStatus_State.AVAILABLE &&
          (version === undefined || Number(one.version) === version),
      );
      inARow = available.length > 0 ? inARow + 1 : 0;
      if (inARow >= clients.instances) return;
      if (inARow > 0) continue;
    } catch (error) {
      const { code } = error as Partial<ServiceError>;
      if (code !== status.NOT_FOUND && code !== status.UNAVAILABLE) throw error;
      inARow = 0;
    }
    if (Date.now() > until)
      throw new ExitError(
        1,
        `serving did not load ${model}${version === undefined ? '' : ` version ${version}`} within 60 s; see its log`,
      );
    await sleep(100);
  }
}
