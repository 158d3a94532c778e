import { credentials, Server, ServerCredentials, status } from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from 'vitest';
import { tensorflowServing as tfs } from '@adstocrat/schemas';
import { openClients } from '../system/clients.ts';
import { defaultPorts } from '../system/ports.ts';
import { waitUntilServed } from './wait-until-served.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.forceShutdown();
});

/** A server that has a version from its so-manieth answer on. Gives its port, and how often it was asked. */
async function serverFrom(answer: number): Promise<{ readonly port: number; asked: number }> {
  const server = new Server();
  servers.push(server);
  const told = { port: 0, asked: 0 };
  server.addService(tfs.ModelServiceService, {
    getModelStatus: (_call: unknown, done: (error: object | null, response?: tfs.GetModelStatusResponse) => void) => {
      told.asked += 1;
      if (told.asked < answer) done({ code: status.NOT_FOUND, details: 'Could not find any versions of model ads' });
      else
        done(
          null,
          tfs.GetModelStatusResponse.create({
            modelVersionStatus: [{ version: 1, state: tfs.ModelVersionStatus_State.AVAILABLE }],
          }),
        );
    },
    handleReloadConfigRequest: () => undefined,
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  return Object.assign(told, { port });
}

describe('waitUntilServed', () => {
  it('waits for every server, not for the one that is first', async () => {
    const [quick, slow] = [await serverFrom(1), await serverFrom(4)];
    const instances = [quick, slow].map(({ port }) => ({ ...defaultPorts, serving: port }));
    const clients = openClients(instances, 'token', credentials.createInsecure());
    await waitUntilServed(clients, 'ads');
    expect(slow.asked).toBeGreaterThanOrEqual(4);
    await clients.close();
  });
});
