/** The architecture of a click model as plain data, `model-spec.json`. The trainer and the ONNX writer read the same. */
export interface ModelSpec {
  readonly version: 1;
  readonly kind: 'cross-network';
  /** Rows of the one embedding table: the sum of the fields' sizes. */
  readonly embeddingRows: number;
  readonly fields: number;
  readonly embeddingWidth: number;
  readonly denseWidth: number;
  readonly crossLayers: number;
  readonly hidden: readonly number[];
  readonly image?: ImageTowerSpec;
}

/** 3×3 convolutions of stride 2 with ReLU, global average pooling, one dense layer to `width`. */
export interface ImageTowerSpec {
  readonly size: number;
  readonly channels: readonly number[];
  readonly width: number;
}
