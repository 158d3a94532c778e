import { describe, expect, it } from 'vitest';
import { demoHtml, demoPolicy } from './html.ts';
import { demoModules } from './modules.ts';

describe('the modules of the demo page', () => {
  const modules = demoModules();

  it('are the page, the client, and all that these import', () => {
    expect(modules.has('page/page.js')).toBe(true);
    for (const [path, script] of modules)
      for (const [, to = ''] of script.matchAll(/\bfrom\s*['"]([^'"]+)['"]/g)) {
        const url = new URL(to, `https://page.example/${path}`);
        const known = to === '@adstocrat/client' ? 'client/index.js' : url.pathname.slice(1);
        expect(modules.has(known), `${path} imports ${to}`).toBe(true);
      }
  });

  it('hold no types, and nothing of Node', () => {
    for (const [path, script] of modules) {
      expect(script, path).not.toMatch(/^(import|export) type /m);
      expect(script, path).not.toContain('node:');
      expect(script, path).not.toContain('grpc');
    }
  });
});

describe('the policy of the demo page', () => {
  it('names the origin of feedback alone, and no place for a script but its own', () => {
    const policy = demoPolicy('http://127.0.0.1:8502/anything');
    expect(policy).toContain("connect-src 'self' http://127.0.0.1:8502;");
    expect(policy).not.toContain('unsafe');
    expect(demoHtml.match(/<script/g)).toHaveLength(2);
  });
});
