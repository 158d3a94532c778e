// Writes the descriptors of every contract into src/gen, for servers that tell clients what they answer.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';

const image = execFileSync('buf', ['build', '--exclude-source-info', '-o', '-#format=binpb'], {
  maxBuffer: 64 * 1024 * 1024,
});
writeFileSync(
  'src/gen/descriptors.ts',
  `/** A google.protobuf.FileDescriptorSet of every .proto here, in base64. */
export const descriptorSet =
  '${image.toString('base64')}';
`,
);
