import { createHash } from 'node:crypto';
import { FailedPrecondition, InvalidRequest, type PredictionKeys, type SignedPrediction } from '@adstocrat/service-kit';
import { z } from 'zod';
import { lastMs, nameProblem } from '../facts/checked.ts';

const name = z
  .string()
  .refine((text) => nameProblem(text) === undefined, { error: ({ input }) => nameProblem(String(input)) ?? '' });

/** What a page says of a prediction: one, or a list. */
const Fact = z.strictObject({
  predictionId: name,
  /** Unix milliseconds; left out or 0: the server's clock. */
  eventTimeMs: z.int().min(0).max(lastMs).optional(),
  /** Which model's prediction; left out: that of every model which scored the id. */
  model: name.optional(),
  /** The client's own: the same one said twice is one. */
  id: name.optional(),
});
const maxFacts = 10_000;

/** The names that serving's answers have, for those of a fact. */
const alsoNamed: Readonly<Record<string, string>> = { prediction_id: 'predictionId', event_time_ms: 'eventTimeMs' };

/** An object with the names of a fact. One that says the same by both names keeps both, and is refused. */
function asFact(said: unknown): unknown {
  if (typeof said !== 'object' || said === null) return said;
  return Object.fromEntries(
    Object.entries(said).map(([key, value]: [string, unknown]) => {
      const own = Object.hasOwn(alsoNamed, key) ? alsoNamed[key] : undefined;
      return [own === undefined || Object.hasOwn(said, own) ? key : own, value];
    }),
  );
}

const Facts = z.array(z.preprocess(asFact, Fact)).min(1).max(maxFacts);

export type SaidOverRest = z.infer<typeof Fact>;

/** What a page that nobody trusts says: which prediction, signed. When it happened is when it is heard. */
const SignedFact = z.strictObject({ token: z.string() });
const SignedFacts = z.array(SignedFact).min(1).max(1000);

/** Reads a body. Throws {@link InvalidRequest} that names the field at fault. */
export function parseFacts(body: unknown): readonly SaidOverRest[] {
  const parsed = Facts.safeParse(Array.isArray(body) ? body : [body]);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0] ?? { path: [], message: '' };
  const where = Array.isArray(body) ? path : path.slice(1);
  throw new InvalidRequest(
    `{"predictionId": …, "eventTimeMs": …, "model": …, "id": …} or a list of 1 to ${maxFacts} such is expected: ${where.map(String).join('.')} ${message}`,
  );
}

/**
 * Reads a body of tokens, at `nowMs` of the system's clock: all of them are accepted, or none. Throws {@link InvalidRequest} or
 * `TokenRefused`.
 */
export function parseSignedFacts(body: unknown, keys: PredictionKeys, nowMs: number): readonly SignedPrediction[] {
  const parsed = SignedFacts.safeParse(Array.isArray(body) ? body : [body]);
  if (!parsed.success)
    throw new InvalidRequest(
      '{"token": …}, as serving signed it, or a list of 1 to 1000 such is expected, nothing beside it',
    );
  if (!keys.any)
    throw new FailedPrecondition(
      'no tokens are accepted here: set PREDICTION_KEYS_FILE or PREDICTION_KEYS, the same for serving and feedback',
    );
  return parsed.data.map(({ token }) => keys.verify(token, nowMs));
}

/** The id of what was said with a token: however often, it is one. */
export function signedFactId(topic: string, { predictionId, model }: SignedPrediction): string {
  return `${topic}/signed/${createHash('sha256')
    .update(JSON.stringify([predictionId, model]))
    .digest('hex')}`;
}

/**
 * The id of what was said: said twice it is one. Everything that was said is part of it, so that nothing else can take its place;
 * where neither a time nor an id is given, so is the second in which it was said.
 */
export function factId(topic: string, fact: SaidOverRest, nowMs: number): string {
  const { predictionId, model = '', id = '', eventTimeMs = 0 } = fact;
  const second = id === '' && eventTimeMs === 0 ? Math.floor(nowMs / 1000) : 0;
  const said = JSON.stringify([predictionId, model, id, eventTimeMs, second]);
  return `${topic}/${createHash('sha256').update(said).digest('hex')}`;
}
