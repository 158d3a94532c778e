import type { CheckedServable, CheckedTensorModel } from '@adstocrat/inference';
import type { ServablePlaces, WantedVersion } from '../fetch-servable.ts';
import type { FoundVersion } from '../folders/found-versions.ts';
import type { ToldError } from './told-error.ts';

/** What a loading thread is asked for. */
export type LoadingJob =
  | {
      readonly do: 'bring';
      readonly model: string;
      readonly wanted: WantedVersion;
      readonly places: ServablePlaces;
      /** Of a version in a folder: the place that its links may not leave, and what was found there. */
      readonly from?: { readonly base: string; readonly found: FoundVersion };
    }
  | {
      readonly do: 'keep';
      readonly model: string;
      readonly workDir: string;
      readonly wanted: readonly WantedVersion[];
    };

/** A version that is here and whole: a servable, or the file of a plain model and what was seen of it. */
export type Brought = { readonly checked: CheckedServable } | ({ readonly file: string } & CheckedTensorModel);

/** What a loading thread answers. */
export type LoadingAnswer = { readonly brought: Brought } | { readonly kept: true } | { readonly failed: ToldError };
