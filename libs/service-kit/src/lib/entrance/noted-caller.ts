/** Where a caller's name is kept: what a REST call carries from the entrance to who answers it. */
const key = Symbol('caller');

interface Carrier {
  [key]?: string;
}

/** `carrier`: a REST answer. */
export function noteCaller(carrier: object, name: string): void {
  (carrier as Carrier)[key] = name;
}

/** The caller's token or address, as its limits know it; empty where no entrance was passed. */
export function callerOf(carrier: object): string {
  return (carrier as Carrier)[key] ?? '';
}
