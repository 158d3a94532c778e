/** Who a caller is to its limits: its token, else its address. Whoever has an IPv6 address has the 2^64 beside it too. */
export function callerName(token: string | undefined, address: string | undefined): string {
  if (token !== undefined) return `token ${token}`;
  if (address === undefined || !address.includes(':') || address.startsWith('::ffff:'))
    return `address ${address ?? ''}`;
  return `network ${firstGroups(address)}`;
}

/** The first four of the eight groups, "::" written out. */
function firstGroups(address: string): string {
  const [head = '', tail] = address.split('%', 1)[0]?.split('::') ?? [];
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length;
  return [...before, ...Array.from({ length: zeros }, () => '0'), ...after].slice(0, 4).join(':');
}
