import { z } from 'zod';
import { timeFormats, Zone } from '@adstocrat/examples';
import { features } from './features.ts';
import { guessedRoles, withoutNone } from './no-guess.ts';
import { trainingSettings } from './training-setting.ts';

const duration = z.string().regex(/^\d+(\.\d+)?(ms|s|m|h|d|w)$/, 'a duration such as 30m, 24h or 7d');
/** YAML reads `2` and `true` as they are; a label's values are texts. */
const cell = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const share = z.string().regex(/^\d+(\.\d+)?%$/, 'a share such as 10%');

/** Names of all columns of files that have no header line, in their order. */
const columns = z
  .array(cell.transform((name) => name.trim()).refine((name) => name !== '', 'a column needs a name'))
  .min(1)
  .superRefine((names, context) => {
    const plain = names.map((name) => name.toLowerCase());
    const twice = names.find((_, index) => plain.indexOf(plain[index] ?? '') < index);
    if (twice !== undefined) context.addIssue(`names "${twice}" twice (upper and lower case are alike)`);
  })
  .optional();

const keys = z.strictObject({
  name: z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'lower-case letters, digits and hyphens, at most 63'),
  data: z.strictObject({
    /** Globs against the data URI (`*` within one name, `**` across folders). */
    examples: z.array(z.string().min(1)).min(1),
    tables: z.array(z.strictObject({ path: z.string().min(1), key: z.string().min(1), columns })).default([]),
    /** Of the files of examples; a table has its own. */
    columns,
    /** Columns that no file has, and the names of folders say: `country=DE/part-0.csv`. Of the files of examples; a server is sent them as any other. */
    folders: z.array(z.string().min(1)).optional(),
    /** More rows than this that must be set aside refuse the data. Also: more cells that are no numbers make a column text. Default: 1%. */
    tolerate: share.optional(),
    /** What each file is told to be by its beginning where these do not say. */
    format: z.enum(['csv', 'jsonl', 'parquet']).optional(),
    delimiter: z.enum([',', ';', '\t', '|'], 'one of "," ";" "\\t" "|"').optional(),
    encoding: z.enum(['utf-8', 'utf-16le', 'utf-16be', 'windows-1252']).optional(),
    /** How lines above the header of a CSV begin that are comments; '' where there are none. */
    comment: z.string().max(8).optional(),
    /** How numbers write decimals, where their columns do not tell. */
    decimal: z.enum(['.', ',']).optional(),
    /** The zone whose clock shows what event times write without one. Default: UTC. */
    zone: z.string().refine(Zone.isName, 'a time zone of the IANA database, such as Europe/Berlin').optional(),
  }),
  label: z.string().min(1),
  /** Values of the label that are positive; every other one is negative then. Needed where they are not 0 and 1, no and yes, or the like. */
  positive: z.union([cell.transform((one) => [one]), z.array(cell).min(1)]).optional(),
  /** What a row without a label is, where those alone that something came of have one. Set aside without it. */
  unlabelled: z.literal('negative').optional(),
  id: z.string().optional(),
  eventTime: z.string().optional(),
  /** How the event time is written, where its values do not tell. */
  timeFormat: z.enum(timeFormats).optional(),
  unit: z.string().optional(),
  item: z.string().optional(),
  /** Roles that no column has, and none is guessed to have: in task.yaml each is written `none`, or null, under its own key. */
  notGuessed: z.array(z.enum(guessedRoles)).optional(),
  image: z.strictObject({ column: z.string().min(1), base: z.string().default('') }).optional(),
  /** Columns known only once a row was shown, such as its position: features in training, and what a server takes each for; null for a missing value. */
  knownLater: z.record(z.string(), z.union([z.string(), z.number(), z.null()])).optional(),
  /** A column that says how much a training row counts; no feature. */
  weight: z.string().min(1).optional(),
  impressions: z.enum(['prediction', 'impression']).default('prediction'),
  window: duration.default('24h'),
  split: z
    .discriminatedUnion('by', [
      z.strictObject({ by: z.literal('time'), test: duration, validation: duration }),
      z.strictObject({ by: z.literal('hash'), test: share.default('10%'), validation: share.default('10%') }),
    ])
    .refine(
      (split) => split.by === 'time' || parseFloat(split.test) + parseFloat(split.validation) < 100,
      'test and validation together must leave rows to train on: less than 100%',
    )
    .optional(),
  /** How columns become features, where that is not derived: column → an operation, one with parameters, or several. */
  features: features.default({}),
  slices: z.array(z.array(z.string().min(1)).min(1)).default([]),
  /** The gate's, the monitors' and the retrain policy's limits; each has a default. */
  thresholds: z
    .strictObject({
      /** Largest loss of AUC against the model in service that is still blessed. */
      aucMargin: z.number().min(0).max(1).optional(),
      /** Smallest AUC a first model must reach on held-out examples. */
      minAuc: z.number().min(0).max(1).optional(),
      /** AUC of one column alone that is still blessed, where the model ranks as well: above it the column is taken for one known only after the label. */
      loneAuc: z.number().min(0).max(1).optional(),
      /** |mean prediction ÷ mean label − 1| that is still blessed. */
      calibrationError: z.number().positive().optional(),
      /** Fewer held-out positives than this are weak evidence. */
      minPositives: z.number().int().positive().optional(),
      /** Jensen–Shannon divergence in bits between live features and the training span. */
      featureDriftBits: z.number().positive().max(1).optional(),
      /** Drop of live AUC below the evaluation's. */
      liveAucDrop: z.number().positive().max(1).optional(),
      /** Live |mean prediction ÷ mean label − 1|. */
      liveCalibrationError: z.number().positive().optional(),
      /** Labelled rows a monitor's window needs before it is judged. */
      minLabelled: z.number().int().positive().optional(),
      /** Event time between two retrain requests of one model. */
      retrainCoolDown: duration.optional(),
      /** Newest spans a retrain trains on, the live span included. */
      retrainSpans: z.number().int().positive().optional(),
    })
    .default({}),
  rollout: z
    .strictObject({
      shadow: duration.default('0s'),
      canary: z.array(share).default(['10%', '50%']),
      /** Event time each canary share is held. */
      step: duration.default('1m'),
    })
    .default({ shadow: '0s', canary: ['10%', '50%'], step: '1m' }),
  training: z
    .strictObject({
      batchSize: z.number().int().positive().optional(),
      /** Epochs of one model that a run trains for, all its trials together. */
      budget: z.number().positive().max(1000).optional(),
      /** Steps at most, all trials together. */
      maxSteps: z.number().int().positive().optional(),
      learningRate: z.number().positive().optional(),
      /** What a run tries beside the linear model and trees, instead of its own settings: see `adstocrat tune`. */
      settings: trainingSettings.optional(),
      seed: z.number().int().optional(),
      /** Event time after which a training row counts half. */
      halfLife: duration.optional(),
      /** Whether models begin with the weights of the version in service, where they have the same layers. */
      warmStart: z.boolean().optional(),
      /** Share of the negative training rows that is trained on. Scores stay those of all rows. */
      negatives: share
        .refine((text) => parseFloat(text) > 0 && parseFloat(text) <= 100, 'more than 0% and at most 100%')
        .optional(),
    })
    .refine(({ settings, learningRate }) => settings === undefined || learningRate === undefined, {
      path: ['learningRate'],
      error: 'each of the settings has one of its own: leave this out',
    })
    .default({}),
  /** Columns whose values nobody may read, and what is kept of each: see `PersonalRule` of libs/examples. */
  personal: z
    .record(
      z.string(),
      z.union([z.enum(['hash', 'drop']), z.strictObject({ bucket: z.number().positive() })], {
        error: 'hash, drop or {bucket: a width, as 10}',
      }),
    )
    .default({}),
});

/** `task.yaml`: what to predict from which data. Unknown keys are errors. */
export const Task = z.preprocess(withoutNone, keys);

/** A task, checked, with defaults filled in. */
export type Task = z.output<typeof Task>;
