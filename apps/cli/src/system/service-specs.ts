import { mkdirSync } from 'node:fs';
import type { Home, RunningSystem } from './home.ts';
import { instanceFolder, type ServiceName, serviceNames, type ServiceSpec } from './service-process.ts';

/** How every service of a system is started, instance by instance. Makes their work folders. */
export function serviceSpecs(home: Home, system: RunningSystem): readonly ServiceSpec[] {
  const common = {
    HOST: '127.0.0.1',
    // One for all services is none.
    ADMIN_PORT: '',
    SYSTEM_ID: system.systemId,
    SERVICE_TOKEN: home.token(),
    DATABASE_URL: system.databaseUrl,
    EVENT_BUS_URL: system.eventBusUrl,
    ARTIFACTS_URL: system.artifactsUrl,
    CLOCK_SPEED: String(system.clockSpeed),
    CLOCK_ORIGIN: system.clockOrigin,
    TF_CPP_MIN_LOG_LEVEL: '3',
  };
  const keys = home.personalKeys();
  const predictionKeys = home.predictionKeys();
  const { FEEDBACK_ORIGINS: otherOrigins = '' } = process.env;
  const servingUrls = system.instances.map(({ serving }) => `127.0.0.1:${serving}`).join(',');
  const servingOrigins = system.instances.map(({ servingRest }) => `${system.restScheme}://127.0.0.1:${servingRest}`);
  return system.instances.flatMap((ports, index) => {
    const own: Readonly<Record<ServiceName, Readonly<Record<string, string>>>> = {
      ingestion: { GRPC_PORT: String(ports.ingestion), ...keys },
      training: { GRPC_PORT: String(ports.training) },
      evaluation: { GRPC_PORT: String(ports.evaluation), SERVING_GRPC_URLS: servingUrls },
      serving: {
        GRPC_PORT: String(ports.serving),
        REST_PORT: String(ports.servingRest),
        DEMO_PAGE: home.demoPageFile,
        ...keys,
        ...predictionKeys,
      },
      feedback: {
        GRPC_PORT: String(ports.feedback),
        REST_PORT: String(ports.feedbackRest),
        // The page that serving shows says what was seen and clicked.
        FEEDBACK_ORIGINS: [...servingOrigins, otherOrigins].join(','),
        ...predictionKeys,
      },
    };
    return serviceNames.map((name) => {
      const folder = instanceFolder(name, index + 1);
      const workDir = home.path('work', folder);
      mkdirSync(workDir, { recursive: true });
      return {
        name,
        instance: index + 1,
        environment: { ...common, ...own[name], WORK_DIR: workDir },
        logFile: home.path('logs', `${folder}.log`),
      };
    });
  });
}
