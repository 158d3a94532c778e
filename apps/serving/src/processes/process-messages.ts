/** What a process tells its supervisor: it listens; it is to be sent requests; what it counts; it asks what all count. */
export type FromProcess =
  | { readonly serving: 'listens' | 'ready' }
  | { readonly serving: 'counts'; readonly id: number; readonly text: string }
  | { readonly serving: 'asks for counts'; readonly id: number };

/** What a supervisor tells a process: another listens in its place; it asks what that counts; what all count, a text each. */
export type ToProcess =
  | { readonly serving: 'retire' }
  | { readonly serving: 'asks for counts'; readonly id: number }
  | { readonly serving: 'counts'; readonly id: number; readonly texts: readonly string[] };

export function isFromProcess(message: unknown): message is FromProcess {
  return ['listens', 'ready', 'counts', 'asks for counts'].includes(saidBy(message));
}

export function isToProcess(message: unknown): message is ToProcess {
  return ['retire', 'counts', 'asks for counts'].includes(saidBy(message));
}

function saidBy(message: unknown): string {
  return String((message as { readonly serving?: unknown } | null)?.serving);
}
