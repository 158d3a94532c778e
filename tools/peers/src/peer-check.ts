/** What one check of a peer came to. */
export interface PeerCheck {
  /** The program and its version. */
  readonly peer: string;
  /** Finishes the sentence "it …". */
  readonly check: string;
  /** What is wrong; absent where nothing is. */
  readonly wrong?: string;
}
