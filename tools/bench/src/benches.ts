import type { BenchReport } from './bench-report.ts';

/** A benchmark as one calls it. */
export interface Bench {
  /** Options as the command line takes them; empty where there are none. */
  readonly options: string;
  readonly what: string;
  run(args: readonly string[]): Promise<BenchReport>;
}

const ofSets = '[--rows N] [--seeds N,N] [--sets PART,PART]';

/** By name. The README's first table has the same rows. */
export const benches: Readonly<Record<string, Bench>> = {
  big: {
    options: '[--rows SMALL,LARGE]',
    what: 'Parquet shards of 20 columns to a served model, trained for one epoch, at two sizes (a million and fifty million rows): memory of all processes together, rows a second ingested and trained, CPU a row',
    run: async (args) => (await import('./big/big.ts')).big(args),
  },
  callers: {
    options: '',
    what: "the p99 of one caller while another, above its limits, floods the server with calls and with images of 64 million pixels, to that without; `echoP99Ratio`: that of a server that does nothing, asked beside it: the machine's",
    run: async () => (await import('./callers.ts')).callers(),
  },
  'delayed-clicks': {
    options: '[--rows N an hour] [--drift-hours N] [--seed N]',
    what: "what any treatment of clicks still to come could gain over waiting for each window's end",
    run: async (args) => (await import('./delayed/delayed-clicks.ts')).delayedClicks(args),
  },
  images: {
    options: '[--images N] [--sides N,N] [--rounds N] [--bucket]',
    what: 'what it costs to check and keep the images of rows, beside sharp alone, which reads and decodes the same files, by turns, and what the disk takes there to create a file (`fileUs`); `--bucket`: the memory that images of a bucket take, a tenth of them and then all, with as many rows (the bucket makes them as they are asked for: 200,000 need no preparation)',
    run: async (args) => (await import('./ingest/images.ts')).images(args),
  },
  ingest: {
    options: '[--rows N,N]',
    what: 'CSV of 20 columns and a joined table to a checked span (a million and twenty million rows): CPU a row, memory, disk on the way; beside DuckDB alone, which joins the same CSV and writes Parquet',
    run: async (args) => (await import('./ingest/ingest.ts')).ingest(args),
  },
  join: {
    options: '[--bus postgres,kafka] [--rows N] [--open N,N]',
    what: 'predictions and clicks on the bus to labelled rows, by two feedback processes while other predictions wait',
    run: async (args) => (await import('./join.ts')).join(args),
  },
  loop: {
    options: '',
    what: '100,000 rows of 20 columns, CSV to served model',
    run: async () => (await import('./loop.ts')).loop(),
  },
  overload: {
    options: '[--seconds N] [--pixels]',
    what: 'what of its peak a server still answers in time at twice the load, and p99 five seconds later to that before; `--pixels`: the p99 of one caller, with and without images of 64 × 64, while another has 16 images of 8000 × 8000 decoded, to that without, and `echoP99Ratio` as in `callers`',
    run: async (args) => (await import('./serving/overload.ts')).overload(args),
  },
  'prediction-log': {
    options: '',
    what: 'what it costs that a row is on disk before its answer leaves, and what answers cost while the bus is away',
    run: async () => (await import('./prediction-log.ts')).predictionLog(),
  },
  quality: {
    options: ofSets,
    what: 'CSV to scores with the defaults, beside a constant, logistic regression, LightGBM and DCN-v2 of deepctr-torch (python3 with pip; PyTorch from PyPI brings its GPU libraries, 6 GB on the disk), on worlds whose click probabilities are known, ad worlds of four make-ups with their images among them (of which the peers see the columns), and on a sample of the Open Bandit log',
    run: async (args) => (await import('./quality/quality.ts')).quality(args),
  },
  serving: {
    options: '[--rounds N] [--requests N]',
    what: "CPU a request and requests a second for one row of a small network, over each protocol, beside Triton 2.51, MLServer 1.7.1 and KServe 0.21 from PyPI (python3 with pip; Triton's wheel has the Python backend alone and wants the shared library of that Python); then a click model from raw features, a row alone and 128 together, with the shares of protocol, rows, transform, engine and log",
    run: async (args) => (await import('./serving/serving.ts')).serving(args),
  },
  spark: {
    options: '[--rows N]',
    what: "2M rows of 20 columns to a span's rows, splits and statistics on DuckDB, Sail and Spark `local[2]`, by SHA-256 the same (Java 17)",
    run: async (args) => (await import('./spark.ts')).spark(args),
  },
  swaps: {
    options: '[--pairs N] [--swaps N]',
    what: 'p99 at 30 % of the peak while the version in force is swapped, to that without, and whether an answer failed or was of two versions',
    run: async (args) => (await import('./serving/swaps.ts')).swaps(args),
  },
  training: {
    options: '[--rounds N] [--steps N] [--warm N] [--ids N,N]',
    what: 'CPU an example of a step of DCN-v2 (20 fields of 16 numbers, 2 cross layers beside three hidden ones of 400, batches of 4096) at 10,000 and 200,000 ids a field, beside Keras 3 on TensorFlow 2.21, a tf.function with lazy Adam by hand, and deepctr-torch (python3 with pip; PyTorch from PyPI brings its GPU libraries, 6 GB on the disk): the same weights at the start, the same batches, two threads each, by turns; their log-losses tell that they do the same work',
    run: async (args) => (await import('./training/training.ts')).training(args),
  },
  transforms: {
    options: '[--rows N]',
    what: 'features from raw columns, fitted and applied on one core, and by SHA-256 the same bytes in batches and row by row with every operation',
    run: async (args) => (await import('./transforms.ts')).transforms(args),
  },
  tuning: {
    options: `[--trials N] [--epochs N] ${ofSets}`,
    what: 'what the settings that `tune` finds are worth on worlds whose probabilities are known, and what the study itself said of them',
    run: async (args) => (await import('./quality/tuning.ts')).tuning(args),
  },
};
