import { environmentReader, type ServiceConfig, serviceEnvironment } from '@adstocrat/service-kit';

/** Training's whole configuration. No other file of this app reads the environment. */
export type Config = ServiceConfig;

export const parseConfig = environmentReader(serviceEnvironment('training', 50_052));
