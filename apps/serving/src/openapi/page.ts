import { hash } from 'node:crypto';

const script = `
const at = document.getElementById('calls');
const el = (name, text, of) => { const made = document.createElement(name); made.textContent = text ?? ''; of?.append(made); return made; };
const show = (id, method, path, call) => {
  const box = el('details', '', at);
  const head = el('summary', '', box);
  el('b', method.toUpperCase() + ' ', head); el('code', path, head); el('span', ' ' + call.summary, head);
  const fields = new Map(call.parameters.map(({ name }) => {
    const label = el('label', name + ' ', box); const field = el('input', '', label);
    return [name, field];
  }));
  const content = call.requestBody?.content['application/json'];
  const body = content && el('textarea', '', box);
  if (body) { body.value = JSON.stringify(content.example, null, 2); body.rows = 6; }
  const send = el('button', 'Send', box);
  const answer = el('pre', '', box);
  send.onclick = async () => {
    const url = path.replace(/\\{(\\w+)\\}/g, (_, name) => encodeURIComponent(fields.get(name).value));
    answer.textContent = '…';
    try {
      const response = await fetch(url, { method, ...(body ? { body: body.value, headers: { 'content-type': 'application/json' } } : {}) });
      answer.textContent = response.status + '\\n' + await response.text();
    } catch (error) { answer.textContent = String(error); }
  };
};
fetch('/openapi.json').then((response) => response.json()).then(({ paths }) => {
  for (const [path, methods] of Object.entries(paths))
    for (const [method, call] of Object.entries(methods)) show(call.operationId, method, path, call);
});
`;

const style = `
body { font: 16px/1.4 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
details { border: 1px solid #ccc; border-radius: 4px; padding: .5rem; margin: .5rem 0; }
label { display: inline-block; margin: .5rem 1rem .5rem 0; } textarea { width: 100%; font-family: monospace; display: block; }
button { margin: .5rem 0; } pre { overflow: auto; background: #f4f4f4; padding: .5rem; }
`;

/** A page that lists the calls of /openapi.json and sends them. It loads nothing from elsewhere. */
export const page = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>adstocrat serving</title><style>${style}</style></head>
<body>
<h1>adstocrat serving</h1>
<p>Every call of REST, as <a href="/openapi.json">openapi.json</a> has it. A call that is sent from here is answered and logged as any other.</p>
<div id="calls"></div>
<script>${script}</script>
</body>
</html>
`;

/** What the page may do: its own script and style, calls of its own server, nothing else. */
export const pagePolicy = `default-src 'none'; connect-src 'self'; script-src 'sha256-${hash('sha256', script, 'base64')}'; style-src 'sha256-${hash('sha256', style, 'base64')}'; base-uri 'none'; frame-ancestors 'none'`;
