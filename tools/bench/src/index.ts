export { writeClickLog } from './click-log.ts';
export { ServedModel } from './served-model.ts';
export type { ServingProcess } from './served-model.ts';
export { writeNetwork } from './serving/write-network.ts';
