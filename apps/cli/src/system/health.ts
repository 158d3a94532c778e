import { Client, credentials } from '@grpc/grpc-js';

/** grpc.health.v1.Health/Check of the whole server. Two fields are not worth generated code: an empty request, one enum. */
export async function isServing(address: string): Promise<boolean> {
  const client = new Client(address, credentials.createInsecure());
  try {
    const answer = await new Promise<Buffer>((resolve, reject) => {
      client.makeUnaryRequest(
        '/grpc.health.v1.Health/Check',
        (request: Buffer) => request,
        (response: Buffer) => response,
        Buffer.alloc(0),
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
