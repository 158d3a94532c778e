import { z } from 'zod';
import { newSecret, readSecrets, secretsFrom } from './key-list.ts';
import { PredictionKey } from './prediction-key.ts';
import { ServiceFailure } from './service-error.ts';
import { statusCode } from './status-code.ts';

/** Where serving and feedback find the keys of prediction tokens. Both unset: none are signed, and none accepted. */
export const predictionKeysEnvironment = {
  /** Keys as 64 hex digits each, blanks or commas between them. The first signs; all are accepted. */
  PREDICTION_KEYS: z.string().min(1).optional(),
  /** A file with the same, a key a line; `#` begins a comment. No other account may read it. */
  PREDICTION_KEYS_FILE: z.string().min(1).optional(),
};

/** What a prediction token says. */
export interface SignedPrediction {
  readonly predictionId: string;
  readonly model: string;
}

/** Why a token was refused: for metrics. */
export type TokenFault = 'malformed' | 'unknown_key' | 'signature' | 'expired';

/** A prediction token was refused. */
export class TokenRefused extends ServiceFailure {
  readonly fault: TokenFault;

  constructor(fault: TokenFault, message: string) {
    super(fault === 'malformed' ? statusCode.invalidArgument : statusCode.permissionDenied, message);
    this.fault = fault;
  }
}

const variable = 'PREDICTION_KEYS';

/** Most characters of a token: an id and a name of 256 bytes each fit, whatever of them JSON escapes. */
const maxLength = 2048;

/** Claims, as of RFC 7519: the subject is the prediction. */
const Claims = z.strictObject({ sub: z.string(), model: z.string(), exp: z.int().min(0) });

/**
 * Signs which prediction an answer was, so that whoever shows the ad can say what became of it without being trusted: a JWT (RFC 7519),
 * HS256, with prediction, model and end of life. The first key signs; the others are still accepted.
 */
export class PredictionKeys {
  readonly #current: PredictionKey | undefined;
  readonly #byHeader: ReadonlyMap<string, PredictionKey>;

  constructor(keys: readonly PredictionKey[] = []) {
    this.#current = keys[0];
    this.#byHeader = new Map(keys.map((key) => [key.header, key]));
  }

  /** As the environment says. Throws WrongSetting for a file that other accounts can read, a `RangeError` for one that holds no keys. */
  static from(environment: {
    readonly PREDICTION_KEYS?: string | undefined;
    readonly PREDICTION_KEYS_FILE?: string | undefined;
  }): PredictionKeys {
    const { PREDICTION_KEYS: text, PREDICTION_KEYS_FILE: file } = environment;
    return PredictionKeys.#of(secretsFrom({ text, file }, variable));
  }

  static read(file: string): PredictionKeys {
    return PredictionKeys.#of(readSecrets(file, variable));
  }

  static #of(secrets: readonly Buffer[]): PredictionKeys {
    return new PredictionKeys(secrets.map((secret) => new PredictionKey(secret)));
  }

  /** False: there is no key. */
  get any(): boolean {
    return this.#current !== undefined;
  }

  /** `expiresMs`: Unix milliseconds of the system's clock. Throws a `RangeError` where there is no key. */
  sign({ predictionId, model }: SignedPrediction, expiresMs: number): string {
    if (this.#current === undefined) throw new RangeError('there is no key to sign with');
    return this.#current.sign({ sub: predictionId, model, exp: Math.ceil(expiresMs / 1000) });
  }

  /** What a token says, at `nowMs` of the system's clock. Throws {@link TokenRefused}, without the token. */
  verify(token: string, nowMs: number): SignedPrediction {
    const [header = '', payload = '', signature = '', ...rest] = token.length > maxLength ? [] : token.split('.');
    if (signature === '' || rest.length > 0) throw new TokenRefused('malformed', 'the token is none of a prediction');
    const key = this.#byHeader.get(header);
    if (key === undefined)
      throw new TokenRefused('unknown_key', 'the token was signed with a key that is not accepted here');
    if (!key.signed(payload, signature))
      throw new TokenRefused('signature', 'the token was altered: its signature is not that of what it says');
    const { sub: predictionId, model, exp } = Claims.parse(JSON.parse(Buffer.from(payload, 'base64url').toString()));
    if (nowMs >= exp * 1000)
      throw new TokenRefused('expired', `the token expired at ${new Date(exp * 1000).toISOString()}`);
    return { predictionId, model };
  }
}

/** A new key as it stands in a file. */
export const newPredictionKey = newSecret;
