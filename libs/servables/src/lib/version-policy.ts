/** Which of the versions that lie in a folder are served. */
export type VersionPolicy =
  | { readonly kind: 'latest'; /** 1 or more. */ readonly count: number }
  | { readonly kind: 'all' }
  | { readonly kind: 'specific'; readonly versions: readonly number[] };

/**
 * The versions to serve of those that are there, ascending: the policy's, and those that a label names, which is to go on pointing at
 * something.
 */
export function chosenVersions(
  present: readonly number[],
  policy: VersionPolicy,
  labels: Readonly<Record<string, number>> = {},
): readonly number[] {
  const there = [...new Set(present)].sort((a, b) => a - b);
  const chosen = new Set([...byPolicy(there, policy), ...Object.values(labels)]);
  return there.filter((version) => chosen.has(version));
}

function byPolicy(ascending: readonly number[], policy: VersionPolicy): readonly number[] {
  switch (policy.kind) {
    case 'latest':
      return ascending.slice(-policy.count);
    case 'all':
      return ascending;
    case 'specific':
      return policy.versions;
  }
}

/**
 * The version that a folder's name says, as TensorFlow Serving reads it: decimal digits, zeros before them allowed. Undefined for any other
 * name, and for a number beyond 2^53 − 1, which protocols could not name exactly.
 */
export function folderVersion(name: string): number | undefined {
  if (!/^0*\d{1,16}$/.test(name)) return undefined;
  const version = Number(name);
  return Number.isSafeInteger(version) ? version : undefined;
}
