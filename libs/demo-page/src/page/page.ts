// The script of the demo page: choose the ads that this person would click, show them, tell what became of them.
import { ClickClient, overFetch } from '@adstocrat/client';
import type { DemoAd, DemoContent, DemoVisitor } from './content.ts';

const content = (await (await fetch('/demo/content.json')).json()) as DemoContent;
const client = new ClickClient({
  model: content.model,
  transport: overFetch({ addresses: [location.origin] }),
  feedback: [content.feedback],
  deadlineMs: 10_000,
});
const places = element('#places');
const status = element('#status');

const chooser = element('select') as HTMLSelectElement;
for (const [index, { name }] of content.visitors.entries()) chooser.add(new Option(name, String(index)));
chooser.addEventListener('change', () => void told(show(content.visitors[chooser.selectedIndex])));
await told(show(content.visitors[0]));

/** Scores every ad for a person, shows the best ones, and says so. */
async function show(visitor: DemoVisitor | undefined): Promise<void> {
  if (visitor === undefined) return;
  // Nobody is shown all of them: they are no training data.
  const { scores } = await client.scoreMany(
    content.ads.map((ad) => rowOf(visitor, ad)),
    { unlogged: true },
  );
  const best = content.ads
    .map((ad, index) => ({ ad, score: scores[index] ?? 0 }))
    .sort((a, b) => b.score - a.score)
    .slice(0, content.places);
  // Those that are: each is a prediction, whose token lets this page, and nobody else, say what became of it.
  const { version, tokens } = await client.scoreMany(
    best.map(({ ad }) => rowOf(visitor, ad)),
    { tokens: true },
  );
  places.replaceChildren(...best.map(({ ad, score }, index) => figure(ad, score, tokens[index] ?? '')));
  status.textContent = `version ${version} scored ${content.ads.length} ads for ${visitor.name}`;
  await Promise.all(tokens.map((token) => client.shown({ token })));
  for (const one of places.children) (one as HTMLElement).dataset['state'] ??= 'shown';
}

function rowOf(visitor: DemoVisitor, ad: DemoAd) {
  return { features: { ...visitor.features, ...ad.features } };
}

function figure({ title, image }: DemoAd, score: number, token: string): HTMLElement {
  const made = document.createElement('figure');
  if (image !== undefined) {
    const picture = new Image();
    picture.src = image;
    picture.alt = title;
    made.append(picture);
  }
  const caption = document.createElement('figcaption');
  caption.textContent = `${title}: ${(100 * score).toFixed(2)} %`;
  made.append(caption);
  made.addEventListener('click', () => void told(click(made, token)));
  return made;
}

async function click(shown: HTMLElement, token: string): Promise<void> {
  await client.clicked({ token });
  shown.dataset['state'] = 'clicked';
}

/** What goes wrong is for the person who tries the page to see. */
async function told(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    status.textContent = String(error);
  }
}

function element(selector: string): HTMLElement {
  const found = document.querySelector<HTMLElement>(selector);
  if (found === null) throw new Error(`the page has no ${selector}`);
  return found;
}
