/** What `start --once --json` ends with, as far as campaigns look at it. */
export interface DemoSummary {
  readonly versions: readonly { readonly version: number; readonly auc: number; readonly blessed: boolean }[];
  readonly driftDetectedAfterS: number;
  readonly newVersionInServiceAfterS: number;
  readonly requestsSent: number;
  readonly requestsFailed: number;
  readonly seconds: number;
}
