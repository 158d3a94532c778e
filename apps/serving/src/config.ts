import {
  environmentReader,
  personalKeysEnvironment,
  predictionKeysEnvironment,
  serviceEnvironment,
} from '@adstocrat/service-kit';
import { originsIn } from '@adstocrat/service-kit/rest';
import { z } from 'zod';
import { placeUri, policyOfWord, usualPolicy } from './models/folders/folder-model.ts';

/**
 * Serving's whole configuration. No other file of this app reads the environment. `WORK_DIR` holds the servables in force and the
 * last split, which serving starts from when the database is away, and the prediction log.
 */
export type Config = ReturnType<typeof parseConfig>;

const always = { when: (): boolean => true };

export const parseConfig = environmentReader(
  serviceEnvironment('serving', 8500, ['predict', 'read', 'metrics'])
    .extend({
      ...personalKeysEnvironment,
      ...predictionKeysEnvironment,
      /** How long a prediction token is accepted. A click that comes after its task's window counts for nothing anyway. */
      PREDICTION_TOKEN_LIFE: duration('48h'),
      // The registry and what goes with it. A server of folders alone has none of the three.
      EVENT_BUS_URL: z.string().min(1).optional(),
      DATABASE_URL: z.url().optional(),
      ARTIFACTS_URL: z.url().optional(),
      /** Places, commas between, whose folders are models: NAME/VERSION/model.onnx. Paths, file://… or gs://bucket/prefix. */
      MODEL_FOLDERS: z.string().default('').transform(placesIn),
      /** A configuration file of TensorFlow Serving, read anew when it changes. */
      MODEL_CONFIG_FILE: z.string().min(1).optional(),
      /** Places, commas between, in which models may lie that HandleReloadConfigRequest names. Unset: those of the two settings above. */
      MODEL_ROOTS: z.string().transform(placesIn).optional(),
      /** Which versions of a model of MODEL_FOLDERS are served whose config.pbtxt does not say it. */
      MODEL_VERSION_POLICY: z
        .string()
        .default('latest')
        .transform((word, context) => {
          const policy = policyOfWord(word);
          if (policy === undefined) context.addIssue({ code: 'custom', message: 'must be latest, latest:N or all' });
          return policy ?? usualPolicy;
        }),
      /** Milliseconds between two looks at the folders of models. */
      MODEL_POLL_MS: z.coerce.number().int().min(20).max(3_600_000).default(2000),
      /** A supervisor's word to its processes: JSON, names of the models that a request has unloaded. */
      UNLOADED_MODELS: z
        .string()
        .default('[]')
        .transform((text) => z.array(z.string()).parse(JSON.parse(text))),
      /** Processes behind the ports, each with an event loop of its own, under a supervisor. 0: this process answers itself. */
      SERVING_PROCESSES: z.coerce.number().int().min(0).max(256).default(0),
      REST_PORT: z.coerce.number().int().min(0).max(65_535).default(8501),
      /** Largest request, bytes; also of all strings and images in it, those that a tensor's shape repeats counted as often. */
      MAX_REQUEST_BYTES: count(64 * 1024 * 1024),
      MAX_REQUEST_ROWS: count(262_144),
      /** Rows × inputs. */
      MAX_REQUEST_VALUES: count(4_194_304),
      /** Of one value that is no image. */
      MAX_VALUE_BYTES: count(65_536),
      /** Of all images of a request. */
      MAX_REQUEST_PIXELS: count(100_000_000),
      /** Of all images that one caller has in progress. Unset: four times as many as a request may have. */
      CALLER_MAX_PIXELS: z.coerce.number().int().positive().optional(),
      /** Milliseconds within which a whole request must have come: one that dribbles in holds memory. */
      REQUEST_TIMEOUT_MS: count(30_000),
      /** Milliseconds within which a request is to be answered: one that would wait longer is refused, unread. Unset: none but by its own deadline. */
      TARGET_P99_MS: z.coerce.number().positive().max(600_000).optional(),
      /** Origins whose pages may call REST, separated by commas; `*`: any. */
      SERVING_ORIGINS: z.string().default('').transform(originsIn),
      /** File with what GET /demo shows. Unset: there is no such page. */
      DEMO_PAGE: z.string().min(1).optional(),
      /** Milliseconds for which a stop says NOT_SERVING and goes on answering, before it closes. */
      DRAIN_MS: z.coerce.number().int().min(0).max(600_000).default(0),
      /** `ack`: a row is in the log before its answer leaves; `async`: about 20 ms behind it; `off`: nothing is logged. */
      PREDICTION_LOG: z.enum(['ack', 'async', 'off']).default('ack'),
      PREDICTION_LOG_MAX_BYTES: z.coerce
        .number()
        .int()
        .min(65_536)
        .default(1024 ** 3),
      PREDICTION_LOG_MAX_AGE: duration('24h'),
      PREDICTION_LOG_WHEN_FULL: z.enum(['drop-oldest', 'refuse']).default('drop-oldest'),
      /** Milliseconds for which a stop goes on telling the bus what the log holds; the rest waits on disk. */
      PREDICTION_LOG_DRAIN_MS: z.coerce.number().int().min(0).default(2000),
      /** `beside`: a process of this server's works on batches while there are any; `alone`: this one does, and answers nobody; `off`: others do. */
      BATCHES: z.enum(['beside', 'alone', 'off']).default('beside'),
      /** Between two batches of what is stored for each model. 0s: they begin when somebody asks. */
      BATCH_EVERY: duration('0s'),
      /** For how long results are kept, and stored rows that no batch takes. */
      BATCH_KEEP: duration('7d'),
      /** Rows of a shard, at most: what a process that is killed does again. */
      BATCH_SHARD_ROWS: count(20_000),
      /** URIs of folders below which batches may read files, separated by commas. */
      BATCH_SOURCES: z.string().default('').transform(foldersIn),
    })
    .superRefine((config, context) => {
      if (config.CALLER_MAX_PIXELS !== undefined && config.CALLER_MAX_PIXELS < config.MAX_REQUEST_PIXELS)
        context.addIssue({
          code: 'custom',
          path: ['CALLER_MAX_PIXELS'],
          message: `must be no less than MAX_REQUEST_PIXELS, ${config.MAX_REQUEST_PIXELS}: a request that one allows the other would never let in`,
        });
      const { MODEL_FOLDERS: folders, MODEL_CONFIG_FILE: file, MODEL_ROOTS: roots } = config;
      const hasFolders = folders.length > 0 || file !== undefined || roots !== undefined;
      const missing = registrySettings.filter((name) => config[name] === undefined);
      if (config.BATCHES === 'alone' && missing.length > 0)
        context.addIssue({ code: 'custom', path: ['BATCHES'], message: `alone needs ${missing.join(' and ')}` });
      if (missing.length === 0 || (missing.length === registrySettings.length && hasFolders)) return;
      for (const name of missing)
        context.addIssue({
          code: 'custom',
          path: [name],
          message: `is needed with ${registrySettings.filter((one) => one !== name).join(' and ')}; a server without a registry has none of them, and MODEL_FOLDERS or MODEL_CONFIG_FILE`,
        });
      // Said with whatever else is wrong: what is wrong elsewhere leaves the others as they are.
    }, always),
);

const registrySettings = ['EVENT_BUS_URL', 'DATABASE_URL', 'ARTIFACTS_URL'] as const;

/** The configuration of a server that follows a registry. */
export type RegistryConfig = Config & Readonly<Record<(typeof registrySettings)[number], string>>;

export function hasRegistry(config: Config): config is RegistryConfig {
  return registrySettings.every((name) => config[name] !== undefined);
}

function placesIn(text: string): readonly string[] {
  return text
    .split(',')
    .map((place) => place.trim())
    .filter((place) => place !== '')
    .map(placeUri);
}

function count(usual: number) {
  return z.coerce.number().int().min(1).max(0x7fff_ffff).default(usual);
}

function duration(usual: string) {
  return z
    .string()
    .regex(/^\d{1,6}[smhd]$/, 'must be a number of seconds, minutes, hours or days: 90s, 15m, 24h, 7d')
    .default(usual)
    .transform(millisecondsOf);
}

/** Each with a slash at its end. */
function foldersIn(text: string): readonly string[] {
  const folders = text.split(',').map((folder) => folder.trim());
  return folders.filter((folder) => folder !== '').map((folder) => `${folder.replace(/\/+$/, '')}/`);
}

const unitMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function millisecondsOf(text: string): number {
  return Number(text.slice(0, -1)) * (unitMs[text.slice(-1)] ?? NaN);
}
