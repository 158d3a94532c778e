/**
 * A glob as a pattern for a path: `*` and `?` within one name, `**` across folders. As in a shell, what begins with a dot is hidden,
 * and so are the folders of tools: only a name of the glob that is written out matches it.
 */
export function globPattern(glob: string): RegExp {
  const names = glob.split('/');
  const source = names.map((name, index) => {
    const isLast = index === names.length - 1;
    if (name === '**') return isLast ? `(?:${visible}[^/]*/)*${visible}[^/]+` : `(?:${visible}[^/]+/)*`;
    return `${/^[*?]/.test(name) ? visible : ''}${nameSource(name)}${isLast ? '' : '/'}`;
  });
  return new RegExp(`^${source.join('')}$`, 'su');
}

/** Folders that tools keep beside data: of Spark what was never committed, of a Mac's archiver what no file is. */
const toolFolders = ['_temporary', '__MACOSX'];

/** What comes next is no hidden name. */
const visible = `(?!\\.|(?:${toolFolders.join('|')})/)`;

function nameSource(name: string): string {
  return name.replaceAll(/\*+|\?|[.+^${}()|[\]\\/]/g, (token) => {
    if (token.startsWith('*')) return '[^/]*';
    return token === '?' ? '[^/]' : `\\${token}`;
  });
}

/** Whether a name of the path begins with a dot, or is a folder of a tool: `._a.csv`, `.ipynb_checkpoints/`, `_temporary/`. */
export function isHidden(path: string): boolean {
  return path.split('/').some((name) => name.startsWith('.') || toolFolders.includes(name));
}
