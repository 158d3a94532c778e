import { hash, randomBytes } from 'node:crypto';
import { type Scope, scopes } from './scope.ts';
import { WrongSetting } from './wrong-setting.ts';

/** A token as its file holds it. */
export interface KnownToken {
  /** Whose it is: the log and the limits of callers know it by that. */
  readonly name: string;
  readonly scopes: ReadonlySet<Scope>;
  /** Of the token's text, SHA-256. */
  readonly digest: Buffer;
}

const mostTokens = 1000;
const line = /^(?<name>[\w.-]{1,64})\s+(?<scopes>[a-z,]+)\s+sha256:(?<digest>[0-9a-f]{64})$/;

/** 256 random bits: too many to try, so that a plain hash keeps it. */
export function newToken(): string {
  return `adstocrat_${randomBytes(32).toString('base64url')}`;
}

export function digestOf(token: string): Buffer {
  return hash('sha256', token, 'buffer');
}

/** The file's line of a token: NAME SCOPE,SCOPE sha256:HEX. */
export function tokenLine(name: string, granted: readonly Scope[], token: string): string {
  return `${name} ${granted.join(',')} sha256:${digestOf(token).toString('hex')}`;
}

/** Reads a file of tokens: a line each, empty lines and those from # on aside. Throws {@link WrongSetting} that names the line. */
export function parseTokens(text: string, variable: string): readonly KnownToken[] {
  const tokens: KnownToken[] = [];
  const names = new Set<string>();
  for (const [index, raw] of text.split('\n').entries()) {
    const content = raw.trim();
    if (content === '' || content.startsWith('#')) continue;
    const wrong = (what: string): WrongSetting => new WrongSetting(variable, `line ${index + 1} of the file ${what}`);
    const { name = '', scopes: granted = '', digest = '' } = line.exec(content)?.groups ?? {};
    if (name === '') throw wrong('is not NAME SCOPE,SCOPE sha256:HEX, as `npx adstocrat token` writes it');
    if (names.has(name)) throw wrong(`has the name ${name} a second time`);
    const unknown = granted.split(',').find((one) => !(scopes as readonly string[]).includes(one));
    if (unknown !== undefined) throw wrong(`has the scope "${unknown}": there are ${scopes.join(', ')}`);
    names.add(name);
    tokens.push({ name, scopes: new Set(granted.split(',') as Scope[]), digest: Buffer.from(digest, 'hex') });
  }
  if (tokens.length > mostTokens)
    throw new WrongSetting(variable, `the file holds ${tokens.length} tokens: at most ${mostTokens}`);
  return tokens;
}
