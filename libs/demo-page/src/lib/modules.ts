import { readFileSync } from 'node:fs';
import { createRequire, stripTypeScriptTypes } from 'node:module';
import { dirname, extname, join, relative } from 'node:path';

const relativeImport = /(\bfrom\s*|\bimport\s*)(['"])(\.{1,2}\/[^'"]+)\2/g;

/**
 * The script of the page and of the client, module by module, as a browser reads them: without types, by the path that they are served
 * under. What is not in here is not served.
 */
export function demoModules(): ReadonlyMap<string, string> {
  const own = join(import.meta.dirname, '../page');
  const client = createRequire(import.meta.url).resolve('@adstocrat/client');
  const modules = new Map<string, string>();
  take(modules, 'page', own, join(own, `page${extname(import.meta.filename)}`));
  take(modules, 'client', dirname(client), client);
  return modules;
}

/** Takes a module and what it imports from beside it. */
function take(modules: Map<string, string>, name: string, root: string, file: string): void {
  const path = `${name}/${scriptName(relative(root, file))}`;
  if (modules.has(path)) return;
  const text = readFileSync(file, 'utf8');
  const script = file.endsWith('.ts') ? stripTypeScriptTypes(text) : text;
  const imported: string[] = [];
  modules.set(
    path,
    script.replaceAll(relativeImport, (_, from: string, quote: string, to: string) => {
      imported.push(to);
      return `${from}${quote}${scriptName(to)}${quote}`;
    }),
  );
  for (const to of imported) take(modules, name, root, join(dirname(file), to));
}

function scriptName(path: string): string {
  return path.replace(/\.ts$/, '.js');
}
