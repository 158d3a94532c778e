/** Enumerations by the field that holds them, as ts-proto has them: name to number. */
export type FieldEnums = Readonly<Record<string, Readonly<Record<string, number>>>>;

/**
 * A message of the protocol as its JSON: keys in snake_case, integers as numbers, enumerations by name. Fields that are not set are left
 * out. Integers are counters, versions and dimensions of this server: below 2^53.
 */
export function asJson(message: object, enums: FieldEnums = {}): unknown {
  return Object.fromEntries(
    Object.entries(message)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [snakeCase(key), jsonOf(value, enums, enums[key])]),
  );
}

function jsonOf(value: unknown, enums: FieldEnums, names?: Readonly<Record<string, number>>): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map((one: unknown) => jsonOf(one, enums, names));
  if (typeof value === 'object' && value !== null) return asJson(value, enums);
  if (names === undefined) return value;
  return Object.keys(names).find((name) => names[name] === value);
}

function snakeCase(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
