import { type ChannelCredentials, Client, credentials } from '@grpc/grpc-js';

/**
 * Whether a server answers grpc.health.v1.Health/Check with SERVING. `systemId`: whose server it must be; another's is none. `channel`:
 * how to reach it, plainly if it is not given.
 * Two fields are not worth generated code: one string, one enum.
 */
export async function isServing(
  address: string,
  systemId = '',
  channel: ChannelCredentials = credentials.createInsecure(),
): Promise<boolean> {
  const client = new Client(address, channel);
  try {
    const answer = await new Promise<Buffer>((resolve, reject) => {
      client.makeUnaryRequest(
        '/grpc.health.v1.Health/Check',
        (request: Buffer) => request,
        (response: Buffer) => response,
        checkRequest(systemId),
        { deadline: Date.now() + 2000 },
        (error, value) => {
          if (error !== null || value === undefined) reject(error ?? new Error('no answer'));
          else resolve(value);
        },
      );
    });
    // field 1 (status), varint, 1 = SERVING
    return answer.length === 2 && answer[0] === 0x08 && answer[1] === 0x01;
  } catch {
    return false;
  } finally {
    client.close();
  }
}

/** Field 1 (service), a string of at most 127 bytes; nothing where it is empty. */
function checkRequest(service: string): Buffer {
  const name = Buffer.from(service);
  if (name.length > 127) throw new RangeError(`a system's id has at most 127 bytes, got ${name.length}`);
  return name.length === 0 ? name : Buffer.concat([Buffer.from([0x0a, name.length]), name]);
}
