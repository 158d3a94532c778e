import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { crc32c } from './crc-32c.ts';

/** Figures at one step. */
export interface ScalarEvent {
  readonly step: number;
  /** Seconds since 1970. */
  readonly wallTime: number;
  readonly scalars: Readonly<Record<string, number>>;
}

/**
 * A file of events as TensorBoard reads it: records of TFRecord's framing, the first of which names the version, each a `tensorflow.Event`
 * whose summary has a scalar for each figure that is finite. The same events give the same bytes.
 */
export function eventFile(events: readonly ScalarEvent[]): Uint8Array {
  const first = new BinaryWriter()
    .uint32((1 << 3) | 1)
    .double(events[0]?.wallTime ?? 0)
    .uint32((3 << 3) | 2)
    .string('brain.Event:2');
  const records = [first.finish(), ...events.map(eventBytes)].map(framed);
  const whole = new Uint8Array(records.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const record of records) {
    whole.set(record, at);
    at += record.length;
  }
  return whole;
}

/** Event: wall_time 1, step 2, summary 5. Summary: value 1. Value: tag 1, simple_value 2. */
function eventBytes({ step, wallTime, scalars }: ScalarEvent): Uint8Array {
  const writer = new BinaryWriter();
  writer.uint32((1 << 3) | 1).double(wallTime);
  writer.uint32(2 << 3).int64(step);
  writer.uint32((5 << 3) | 2).fork();
  for (const [tag, value] of Object.entries(scalars)) {
    if (!Number.isFinite(value)) continue;
    writer.uint32((1 << 3) | 2).fork();
    writer.uint32((1 << 3) | 2).string(tag);
    writer.uint32((2 << 3) | 5).float(value);
    writer.join();
  }
  return writer.join().finish();
}

/** Length (uint64), its masked checksum, the data, its masked checksum; little-endian. */
function framed(data: Uint8Array): Uint8Array {
  const record = new Uint8Array(12 + data.length + 4);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, masked(record.subarray(0, 8)), true);
  record.set(data, 12);
  view.setUint32(12 + data.length, masked(data), true);
  return record;
}

/** A checksum of data that holds checksums is mixed, or it would be a bad one. Source: TensorFlow, `tsl/lib/hash/crc32c.h`. */
function masked(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
