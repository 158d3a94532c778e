import { environmentReader, type ServiceConfig, serviceEnvironment } from '@adstocrat/service-kit';

/** Ingestion's whole configuration. No other file of this app reads the environment. */
export type Config = ServiceConfig;

export const parseConfig = environmentReader(serviceEnvironment('ingestion', 50_051));
