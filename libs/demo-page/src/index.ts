export { demoHtml, demoPolicy } from './lib/html.ts';
export { demoModules } from './lib/modules.ts';
export type { DemoAd, DemoContent, DemoValue, DemoVisitor } from './page/content.ts';
