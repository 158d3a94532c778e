export { bundleForBrowser } from './bundle-for-browser.ts';
export { chromiumProgram } from './chromium-program.ts';
export { openChromium } from './open-chromium.ts';
export type { Chromium } from './open-chromium.ts';
export type { Page } from './page.ts';
