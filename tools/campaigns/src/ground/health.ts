import { setTimeout as sleep } from 'node:timers/promises';
import { Client, credentials } from '@grpc/grpc-js';
import type { ServiceProcess } from './service-process.ts';

/** Waits until grpc.health.v1 says SERVING of an instance. Throws where it does not within the time, wall milliseconds. */
export async function healthy(service: ServiceProcess, withinMs: number): Promise<void> {
  for (const until = Date.now() + withinMs; !(await isServing(service.address)); await sleep(200)) {
    if (Date.now() > until)
      throw new Error(
        `${service.title} is not healthy after ${withinMs / 1000} s; its log is ${service.options.logFile}`,
      );
  }
}

/** An empty request and one enum are not worth generated code. */
async function isServing(address: string): Promise<boolean> {
  const client = new Client(address, credentials.createInsecure());
  const raw = (bytes: Buffer): Buffer => bytes;
  try {
    const answer = await new Promise<Buffer>((answered, failed) => {
      client.makeUnaryRequest(
        '/grpc.health.v1.Health/Check',
        raw,
        raw,
        Buffer.alloc(0),
        { deadline: Date.now() + 5000 },
        (error, value) => {
          if (error !== null || value === undefined) failed(error ?? new Error('no answer'));
          else answered(value);
        },
      );
    });
    // field 1 (status), varint, 1 = SERVING
    return answer[0] === 0x08 && answer[1] === 0x01;
  } catch {
    return false;
  } finally {
    client.close();
  }
}
