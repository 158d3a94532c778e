import { type FileHandle, open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';

/** Where reading goes on. */
export interface Position {
  readonly segment: number;
  /** Byte in the segment where the next record begins. */
  readonly offset: number;
}

const slotBytes = 32;
const start: Position = { segment: 0, offset: 0 };

/**
 * A position on disk, in two slots written by turns: whatever a write that is cut off leaves, the other slot has the position
 * before. It takes no room of a disk that has filled up. Where neither can be read it is the start: records are read again.
 */
export class KeptPosition {
  readonly #file: FileHandle;
  #sequence: number;
  #value: Position;

  private constructor(file: FileHandle, sequence: number, value: Position) {
    this.#file = file;
    this.#sequence = sequence;
    this.#value = value;
  }

  static async open(path: string): Promise<KeptPosition> {
    const file = await open(path, 'a')
      .then((made) => made.close())
      .then(() => open(path, 'r+'));
    const bytes = Buffer.alloc(2 * slotBytes);
    await file.read(bytes, 0, bytes.length, 0);
    const slots = [0, slotBytes].map((at) => readSlot(bytes.subarray(at, at + slotBytes)));
    const newest = slots.reduce((best, slot) => (slot.sequence > best.sequence ? slot : best));
    const kept = new KeptPosition(file, newest.sequence, newest.position);
    // Both slots exist from now on.
    await kept.move(newest.position);
    await kept.move(newest.position);
    return kept;
  }

  get value(): Position {
    return this.#value;
  }

  /** Resolves when a restart finds this position. */
  async move(position: Position): Promise<void> {
    this.#sequence += 1;
    this.#value = position;
    const slot = Buffer.alloc(slotBytes);
    slot.writeDoubleLE(this.#sequence, 0);
    slot.writeDoubleLE(position.segment, 8);
    slot.writeDoubleLE(position.offset, 16);
    slot.writeUInt32LE(crc32(slot.subarray(0, 24)), 24);
    await this.#file.write(slot, 0, slotBytes, (this.#sequence % 2) * slotBytes);
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

function readSlot(slot: Buffer): { readonly sequence: number; readonly position: Position } {
  if (crc32(slot.subarray(0, 24)) !== slot.readUInt32LE(24)) return { sequence: 0, position: start };
  return {
    sequence: slot.readDoubleLE(0),
    position: { segment: slot.readDoubleLE(8), offset: slot.readDoubleLE(16) },
  };
}
