import { TooLarge } from '../infer/inference-failure.ts';

const [quote, comma, bracket, brace] = [0x22, 0x2c, 0x5b, 0x7b];

/** Throws {@link TooLarge} for more values, lists and objects than a request has: few bytes of each would become many. */
export function refuseManyParts(json: string, limit: number): void {
  let parts = 0;
  for (let at = 0; at < json.length; at += 1) {
    const code = json.charCodeAt(at);
    if (code === quote) at = endOfString(json, at);
    else if (code === comma || code === bracket || code === brace) parts += 1;
  }
  if (parts > limit)
    throw new TooLarge(
      'values',
      limit,
      `the request has ${parts} values and tensors: at most ${limit} are answered at once`,
    );
}

/** Where a string ends that begins here: at a quote behind an even number of backslashes. */
function endOfString(json: string, from: number): number {
  for (let at = json.indexOf('"', from + 1); at >= 0; at = json.indexOf('"', at + 1)) {
    let before = at;
    while (json[before - 1] === '\\') before -= 1;
    if ((at - before) % 2 === 0) return at;
  }
  return json.length;
}
