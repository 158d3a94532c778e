export { recogniseAbsence } from './lib/call-failure.ts';
export { claimWorkDir, scratchOf } from './lib/claim-work-dir.ts';
export { clockOf, parseClockOrigin } from './lib/clock.ts';
export type { Clock, ClockOrigin } from './lib/clock.ts';
export { collectOldObjects } from './lib/collect-old-objects.ts';
export { ClientTls } from './lib/entrance/client-tls.ts';
export type { ClientTlsConfig } from './lib/entrance/client-tls.ts';
export { Entrance } from './lib/entrance/entrance.ts';
export { callerOf } from './lib/entrance/noted-caller.ts';
export { LoadShedder } from './lib/entrance/load-shedder.ts';
export { refuseWait } from './lib/entrance/shed-failure.ts';
export { newToken, parseTokens, tokenLine } from './lib/entrance/token-file.ts';
export { scopes } from './lib/entrance/scope.ts';
export type { CallScope, CallScopes, Openable, OpenScopes, Scope } from './lib/entrance/scope.ts';
export { WrongSetting } from './lib/entrance/wrong-setting.ts';
export { diskFull } from './lib/disk-full.ts';
export { FolderInUse, FolderLock } from './lib/folder-lock.ts';
export { healthOf } from './lib/health-of.ts';
export { Person } from './lib/person.ts';
export { PersonalKey } from './lib/personal-key.ts';
export { newPersonalKey, PersonalKeys, personalKeysEnvironment } from './lib/personal-keys.ts';
export { plainName } from './lib/plain-name.ts';
export { newPredictionKey, PredictionKeys, predictionKeysEnvironment, TokenRefused } from './lib/prediction-keys.ts';
export type { SignedPrediction, TokenFault } from './lib/prediction-keys.ts';
export { replaceFile } from './lib/replace-file.ts';
export { runService } from './lib/run-service.ts';
export type { Resource, RunOptions } from './lib/run-service.ts';
export {
  Cancelled,
  FailedPrecondition,
  InvalidRequest,
  NotFound,
  ResourceExhausted,
  ServiceFailure,
  Unavailable,
} from './lib/service-error.ts';
export { clockFrom, environmentReader, serviceEnvironment, unpackEnvironment } from './lib/service-environment.ts';
export type { ListenerConfig, ServiceConfig } from './lib/service-environment.ts';
export { serviceMain } from './lib/service-main.ts';
export type { Service } from './lib/service-main.ts';
export { shutdownSignal } from './lib/shutdown-signal.ts';
export { statusCode } from './lib/status-code.ts';
export type { StatusCode } from './lib/status-code.ts';
export { stopAll } from './lib/stop-all.ts';
export type { Stoppable } from './lib/stop-all.ts';
export { waitFor, withoutPassword } from './lib/wait-for.ts';
export type { WaitOptions } from './lib/wait-for.ts';
export { watchdog } from './lib/watchdog.ts';
export type { WatchedKind } from './lib/watchdog.ts';
