/** A raw column's value, as a row in names has it. */
export type DemoValue = string | number | boolean | null;

/** An ad that may be shown. */
export interface DemoAd {
  readonly title: string;
  /** A `data:` URL; absent: the title stands alone. */
  readonly image?: string;
  /** The columns that are the ad's. */
  readonly features: Readonly<Record<string, DemoValue>>;
}

/** Somebody somewhere, to whom ads may be shown. */
export interface DemoVisitor {
  readonly name: string;
  /** All other columns. */
  readonly features: Readonly<Record<string, DemoValue>>;
}

/** What the page is made of. */
export interface DemoContent {
  readonly model: string;
  /** Of feedback's REST, as the browser reaches it. */
  readonly feedback: string;
  /** Ads that are shown at once. */
  readonly places: number;
  readonly visitors: readonly DemoVisitor[];
  readonly ads: readonly DemoAd[];
}
