/** What a process tells its supervisor: it listens; it is to be sent requests. */
export type FromProcess = { readonly serving: 'listens' | 'ready' };

/** What a supervisor tells a process: another listens in its place. */
export type ToProcess = { readonly serving: 'retire' };

export function isFromProcess(message: unknown): message is FromProcess {
  const said = (message as Partial<FromProcess> | null)?.serving;
  return said === 'listens' || said === 'ready';
}

export function isToProcess(message: unknown): message is ToProcess {
  return (message as Partial<ToProcess> | null)?.serving === 'retire';
}
