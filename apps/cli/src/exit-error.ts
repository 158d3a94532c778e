/** 0 done, 1 failure, 2 usage, 3 not blessed. */
export type ExitCode = 0 | 1 | 2 | 3;

/** Ends the command with a message for people and an exit code; no stack is shown. */
export class ExitError extends Error {
  override readonly name = 'ExitError';
  readonly code: ExitCode;

  constructor(code: ExitCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
