/**
 * A glob as a pattern for a path: `*` and `?` within one name, `**` across folders. As in a shell, what begins with a dot is hidden:
 * only a name of the glob that begins with a dot itself matches it.
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

/** No dot comes next. */
const visible = '(?!\\.)';

function nameSource(name: string): string {
  return name.replaceAll(/\*+|\?|[.+^${}()|[\]\\/]/g, (token) => {
    if (token.startsWith('*')) return '[^/]*';
    return token === '?' ? '[^/]' : `\\${token}`;
  });
}

/** Whether a name of the path begins with a dot, as what tools keep beside data does: `._a.csv`, `.ipynb_checkpoints/`. */
export function isHidden(path: string): boolean {
  return path.split('/').some((name) => name.startsWith('.') || name === '__MACOSX');
}
