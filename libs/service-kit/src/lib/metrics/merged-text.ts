/**
 * Texts of several processes as one: the series of a metric stand together, below one line each of help and type. The processes' series
 * must differ by a label.
 */
export function mergedText(texts: readonly string[]): string {
  const merged = new Map<string, string>();
  for (const block of texts.flatMap((text) => text.split(/^(?=# HELP )/m))) {
    const [head = '', series = ''] = /^((?:# .*\n)*)([^]*)$/.exec(block)?.slice(1) ?? [];
    merged.set(head, (merged.get(head) ?? '') + series);
  }
  return [...merged].map(([head, series]) => head + series).join('');
}
