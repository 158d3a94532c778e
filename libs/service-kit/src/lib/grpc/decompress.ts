import { constants } from 'node:buffer';
import { promisify } from 'node:util';
import { gunzip, inflate } from 'node:zlib';
import { ResourceExhausted, ServiceFailure } from '../service-error.ts';
import { statusCode } from '../status-code.ts';

/** What requests may be compressed with. */
const decoders = new Map([
  ['gzip', promisify(gunzip)],
  ['deflate', promisify(inflate)],
]);

/** As clients are told it. */
export const acceptedEncodings = ['identity', ...decoders.keys()].join(',');

/**
 * A message that was compressed, as it was before, on another thread. `encoding`: its call's grpc-encoding. Throws `ServiceFailure`,
 * RESOURCE_EXHAUSTED once it has more than `maxBytes`.
 */
export async function decompressed(bytes: Buffer, encoding: string | undefined, maxBytes: number): Promise<Buffer> {
  if (encoding === undefined || encoding === 'identity')
    throw new ServiceFailure(statusCode.internal, 'Received compressed message without a grpc-encoding');
  const decode = decoders.get(encoding);
  if (decode === undefined)
    throw new ServiceFailure(
      statusCode.unimplemented,
      `Received message compressed with unsupported encoding "${encoding}"`,
    );
  try {
    return await decode(bytes, { maxOutputLength: Math.min(maxBytes, constants.MAX_LENGTH) });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw new ResourceExhausted(`Received message that decompresses to a size larger than ${maxBytes}`);
    throw new ServiceFailure(statusCode.internal, 'Failed to decompress message', { cause: error });
  }
}
