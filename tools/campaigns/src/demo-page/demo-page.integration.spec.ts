import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Chromium, openChromium, type Page } from '@adstocrat/chromium';
import { type events, topics } from '@adstocrat/schemas';
import { Advertising } from './advertising.ts';

const prices = [8, 15, 9, 12, 10, 14];
const places = 3;

describe('the demo page in Chromium', () => {
  let advertising: Advertising;
  let chromium: Chromium;
  let page: Page;

  beforeAll(async () => {
    advertising = await Advertising.start();
    advertising.write(prices, places);
    chromium = await openChromium();
    page = await chromium.open(`${advertising.serving.restUrl}/demo`);
  });
  afterAll(async () => {
    await chromium.close();
    await advertising[Symbol.asyncDispose]();
  });

  /** What feedback answers to a page of its own making, from within the browser. */
  const posted = (path: string, body: object): Promise<unknown> =>
    page.evaluate(
      `fetch(${JSON.stringify(`${advertising.feedbackUrl}${path}`)}, { method: 'POST', body: ${JSON.stringify(JSON.stringify(body))} }).then(({ status }) => status)`,
    );

  it('shows the ads with the highest scores, and tells that they were seen', async () => {
    await page.until(`document.querySelectorAll('figure[data-state=shown]').length === ${places}`);
    const captions = await page.evaluate(`[...document.querySelectorAll('figcaption')].map((one) => one.textContent)`);
    // The model's score is sigmoid(−2 + 0.5 (price − 10) / 2), a per cent with two digits.
    const scoreOf = (price: number): string => (100 / (1 + Math.exp(2 - (price - 10) / 4))).toFixed(2);
    expect(captions).toEqual([15, 14, 12].map((price) => `ad ${price}: ${scoreOf(price)} %`));
  });

  it('tells a click, by the mouse, and nothing else', async () => {
    await page.click('figure:nth-child(2)');
    await page.until(`document.querySelector('figure:nth-child(2)').dataset.state === 'clicked'`);
    expect(await page.evaluate(`document.querySelectorAll('figure[data-state=clicked]').length`)).toBe(1);
  });

  it('can neither invent nor alter what became of a prediction', async () => {
    expect(await posted('/v1/clicks', { predictionId: 'mine' })).toBe(401);
    expect(await posted('/v1/signed/clicks', { predictionId: 'mine' })).toBe(400);
    const { tokens } = (await page.evaluate(
      `fetch('/click/v1/models/ads/score-many', { method: 'POST', body: '{"rows": [{}], "tokens": true}' }).then((answer) => answer.json())`,
    )) as { readonly tokens: readonly string[] };
    const [header = '', , signature = ''] = (tokens[0] ?? '').split('.');
    const other = Buffer.from('{"sub":"mine","model":"ads","exp":9999999999}').toString('base64url');
    expect(await posted('/v1/signed/clicks', { token: `${header}.${other}.${signature}` })).toBe(403);
    expect(await posted('/v1/signed/impressions', { token: tokens[0] })).toBe(202);
  });

  it('has given feedback the labels, once the window is over', async () => {
    // The three that were shown and the one above, of which one was clicked.
    const whole = { predictions: places + 1, facts: places + 2 };
    await expect.poll(() => advertising.taken(), { timeout: 240_000, interval: 200 }).toEqual(whole);
    await advertising.letTwoDaysPass();
    const labelled = async (): Promise<readonly events.ExampleLabelled[]> => {
      const found: events.ExampleLabelled[] = [];
      for await (const { event } of advertising.bus.scan(topics.exampleLabelled)) found.push(event);
      return found;
    };
    await expect.poll(async () => (await labelled()).length, { timeout: 240_000, interval: 200 }).toBe(places + 1);
    const clicked = (await labelled()).filter(({ label }) => label);
    expect(clicked.map(({ prediction }) => prediction?.features['price']?.number)).toEqual([14]);
  });
});
