import { readFileSync } from 'node:fs';
import {
  newToken,
  parseTokens,
  replaceFile,
  type Scope,
  scopes,
  tokenLine,
  WrongSetting,
} from '@adstocrat/service-kit';
import { ExitError } from '../exit-error.ts';

/**
 * Makes a token, shows it once, and adds its hash to the file, whole or not at all. Services that have the file know it a second later.
 * Throws {@link ExitError} where the scope, the name or the file is none.
 */
export function token(options: {
  readonly scope: string;
  readonly name: string;
  readonly file: string;
  readonly json?: boolean;
}): void {
  const { name, file, json = false } = options;
  const granted = [...new Set(options.scope.split(',').map((one) => one.trim()))];
  for (const one of granted)
    if (!(scopes as readonly string[]).includes(one))
      throw new ExitError(2, `--scope: "${one}" is none: there are ${scopes.join(', ')}`);
  if (!/^[\w.-]{1,64}$/.test(name))
    throw new ExitError(2, '--name must have 1 to 64 letters, digits, underscores, points and hyphens');
  const made = newToken();
  const before = textOf(file);
  const end = before === '' || before.endsWith('\n') ? '' : '\n';
  const text = `${before}${end}${tokenLine(name, granted as Scope[], made)}\n`;
  try {
    // What the services would refuse is not written.
    parseTokens(text, file);
    replaceFile(file, text);
  } catch (error) {
    const { message } = error as Error;
    throw new ExitError(
      1,
      error instanceof WrongSetting ? `${file}: ${message}` : `${file} cannot be written: ${message}`,
      {
        cause: error,
      },
    );
  }
  if (json) console.log(JSON.stringify({ name, scopes: granted, file, token: made }));
  else {
    console.log(made);
    console.error(
      `"${name}" may ${granted.join(', ')}. This is shown once; ${file} holds its hash: TOKENS_FILE names that file.`,
    );
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw new ExitError(1, `${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}
