/** What recomputing a logged prediction came to. */
export type Replay =
  | {
      readonly outcome: 'equal' | 'different';
      /** As it was answered and logged, and as it is now, in [0, 1], both float32. */
      readonly score: number;
      readonly recomputed: number;
      /** How many float32 lie from the one to the other; 0 where they are bit-equal. */
      readonly ulps: number;
    }
  | {
      readonly outcome: 'impossible';
      /** What is missing, where it was looked for. */
      readonly reason: string;
    };

/** Compares two float32 scores bit for bit. Scores are not negative: their bits are in their order. */
export function compareScores(score: number, recomputed: number): Replay {
  const [before = 0, now = 0] = new Int32Array(Float32Array.of(score, recomputed).buffer);
  const ulps = Math.abs(now - before);
  return { outcome: ulps === 0 ? 'equal' : 'different', score, recomputed, ulps };
}
