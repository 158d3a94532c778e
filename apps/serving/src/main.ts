// Started with `node --import` of service-kit's register: instrumentation must be loaded before the modules it wraps.
import { serviceMain } from '@adstocrat/service-kit';
import { compose } from './compose.ts';
import { parseConfig } from './config.ts';

await serviceMain({ name: 'serving', parseConfig, compose });
