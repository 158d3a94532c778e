import { setTimeout as sleep } from 'node:timers/promises';
import { type ServiceError, status } from '@grpc/grpc-js';
import { tensorflowServing as tfs } from '@adstocrat/schemas';
import { ExitError } from '../exit-error.ts';
import { call } from '../system/calls.ts';
import type { Clients } from '../system/clients.ts';

/**
 * Waits until each server that can be reached has a version of the model available (this version, where one is named). Each is asked by
 * itself: calls that take turns would pass over one that is just being connected to.
 */
export async function waitUntilServed({ servers }: Clients, model: string, version?: number): Promise<void> {
  for (const until = Date.now() + 60_000; ; await sleep(100)) {
    const states = await Promise.all(servers.map((server) => stateAt(server, model, version)));
    if (states.includes('available') && !states.includes('absent')) return;
    if (Date.now() > until)
      throw new ExitError(
        1,
        `serving did not load ${model}${version === undefined ? '' : ` version ${version}`} within 60 s; see its log`,
      );
  }
}

async function stateAt(
  server: tfs.ModelServiceClient,
  model: string,
  version: number | undefined,
): Promise<'available' | 'absent' | 'away'> {
  const request = tfs.GetModelStatusRequest.create({ modelSpec: { name: model, signatureName: '' } });
  try {
    const { modelVersionStatus } = await call<tfs.GetModelStatusResponse>((done) =>
      server.getModelStatus(request, done),
    );
    const isThere = modelVersionStatus.some(
      (one) =>
        one.state === tfs.ModelVersionStatus_State.AVAILABLE &&
        (version === undefined || Number(one.version) === version),
    );
    return isThere ? 'available' : 'absent';
  } catch (error) {
    const { code } = error as Partial<ServiceError>;
    if (code === status.NOT_FOUND) return 'absent';
    if (code === status.UNAVAILABLE) return 'away';
    throw error;
  }
}
