import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServedModel } from '@adstocrat/bench';
import { descriptors } from '@adstocrat/schemas';
import { javaClassPath } from './java-program.ts';
import type { PeerCheck } from './peer-check.ts';
import { programChecks } from './program-checks.ts';

/** grpc-java over Netty, with messages made of the descriptors. */
export async function* grpcJava(): AsyncIterable<PeerCheck> {
  const folder = mkdtempSync(join(tmpdir(), 'adstocrat-peers-'));
  const image = join(folder, 'descriptors.binpb');
  writeFileSync(image, descriptors());
  const model = await ServedModel.open();
  try {
    const { address } = await model.serve('peers', {});
    yield* programChecks('grpc-java 1.76.0', 'java', [
      '-Dfile.encoding=UTF-8',
      '-cp',
      javaClassPath(),
      'GrpcJava',
      image,
      address,
    ]);
  } finally {
    await model.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
