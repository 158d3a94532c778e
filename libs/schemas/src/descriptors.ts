import { descriptorSet } from './gen/descriptors.ts';

/** A google.protobuf.FileDescriptorSet of every contract, with what they import. */
export function descriptors(): Uint8Array {
  return Buffer.from(descriptorSet, 'base64');
}
