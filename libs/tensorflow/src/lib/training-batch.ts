/** Rows to train on or to score. */
export interface TrainingBatch {
  readonly rows: number;
  /** [rows, fields], rows of the id space. */
  readonly ids: Int32Array;
  /** [rows, dense]. */
  readonly dense: Float32Array;
  /** [rows], position among the model's images; −1 where a row has none. Absent without images. */
  readonly images?: Int32Array;
}
