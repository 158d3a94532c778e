// Started by LibraryProcess: says whether specs pass on a changed library.
import { type Change, ChangedLibrary } from './changed-library.ts';

/** What is asked. */
export interface Question {
  readonly spec: string;
  readonly change: Change | undefined;
}

/** What is said: first the specs, then an answer to each question, in order. */
export type Saying =
  | { readonly specs: readonly string[] }
  | { readonly passes: boolean }
  /** It is this process that failed, not the change. */
  | { readonly fault: string };

const say = (saying: Saying): void => {
  process.send?.(saying);
};
process.on('disconnect', () => process.exit());
const library = await ChangedLibrary.open();
process.on('message', ({ spec, change }: Question) => {
  library.passes(spec, change).then(
    (passes) => {
      say({ passes });
    },
    (error: unknown) => {
      say({ fault: String(error) });
    },
  );
});
say({ specs: library.specs });
