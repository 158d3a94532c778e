import { type StatusCode, statusCode } from './status-code.ts';

/** The closed set of failures that a client is told the cause of. Any other error is INTERNAL. */
export class ServiceFailure extends Error {
  readonly code: StatusCode;

  constructor(code: StatusCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** The request is wrong: the message names the field, what is allowed and what came. */
export class InvalidRequest extends ServiceFailure {
  constructor(message: string, options?: ErrorOptions) {
    super(statusCode.invalidArgument, message, options);
  }
}

export class NotFound extends ServiceFailure {
  constructor(message: string, options?: ErrorOptions) {
    super(statusCode.notFound, message, options);
  }
}

/** Right in itself, but not in the state that the system is in. */
export class FailedPrecondition extends ServiceFailure {
  constructor(message: string, options?: ErrorOptions) {
    super(statusCode.failedPrecondition, message, options);
  }
}

/** Try again later: a dependency is away, or the service is stopping. */
export class Unavailable extends ServiceFailure {
  constructor(message: string, options?: ErrorOptions) {
    super(statusCode.unavailable, message, options);
  }
}

/** There is no room for what is asked: ask again later, or another instance. */
export class ResourceExhausted extends ServiceFailure {
  constructor(message: string, options?: ErrorOptions) {
    super(statusCode.resourceExhausted, message, options);
  }
}

/** Whoever asked has gone, or its deadline has passed: nobody gets the answer. */
export class Cancelled extends ServiceFailure {
  constructor(message: string, options?: ErrorOptions) {
    super(statusCode.cancelled, message, options);
  }
}
