import { hash } from 'node:crypto';

const modules = '/demo/modules';
const imports = JSON.stringify({ imports: { '@adstocrat/client': `${modules}/client/index.js` } });
const style = `
body { font: 16px/1.4 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
#places { display: flex; flex-wrap: wrap; gap: 1rem; margin: 1rem 0; }
figure { margin: 0; padding: .5rem; border: 1px solid #ccc; border-radius: 4px; cursor: pointer; min-width: 8rem; }
figure[data-state=shown] { border-color: #888; } figure[data-state=clicked] { border-color: #2a7; background: #efe; }
img { display: block; width: 10rem; image-rendering: pixelated; }
`;

/** The page itself. It loads nothing from elsewhere. */
export const demoHtml = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>adstocrat: ads by their scores</title><style>${style}</style>
<script type="importmap">${imports}</script></head>
<body>
<h1>Ads by their scores</h1>
<p>The visitor: <select></select> The ads that this one would click soonest are shown, and that is told to feedback. So is a click.</p>
<div id="places"></div>
<p id="status" role="status"></p>
<script type="module" src="${modules}/page/page.js"></script>
</body>
</html>
`;

/** What the page may do: its own scripts and style, calls of its own server and of feedback. `feedback`: a URL. */
export function demoPolicy(feedback: string): string {
  return [
    "default-src 'none'",
    `connect-src 'self' ${new URL(feedback).origin}`,
    'img-src data:',
    `script-src 'self' 'sha256-${hash('sha256', imports, 'base64')}'`,
    `style-src 'sha256-${hash('sha256', style, 'base64')}'`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
