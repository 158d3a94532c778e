import { describe, expect, it } from 'vitest';
import { commentsAbove } from './comments.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const rows = 'a,1.5,0\nb,2.5,1\na,3.5,0\nb,1.5,0\n';
const named = `site,price,clicked\n${rows}`;

describe('commentsAbove', () => {
  it('tells the delimiter that a line among them names, and ends with a last line without an end', () => {
    expect(commentsAbove(utf8(`sep=;\n# by me\n${named.replaceAll(',', ';')}`)).delimiter).toBe(';');
    expect(commentsAbove(utf8('# by me'), { mark: '#' })).toEqual({ lines: 1, bytes: 7, isNext: false });
  });

  it.each<[what: string, text: string, lines: number, isNext: boolean, told?: Parameters<typeof commentsAbove>[1]]>([
    ['no comment', named, 0, false],
    ['one line', `# exported 2026-01-01\n${named}`, 1, false],
    ['lines with blank ones between them', `# exported\r\n\r\n# by me\r\n${named}`, 3, false],
    ['as many fields as the header', `# by me, of 2026, at home\n${named}`, 1, false],
    ['a quoted line', `"# by me, of 2026"\n${named}`, 1, false],
    // As numpy and variant callers write the header itself.
    ['a header that begins so', `# made by numpy\n# site,price,clicked\n${rows}`, 1, true],
    ['a header that begins so, alone', `#site,price,clicked\n${rows}`, 0, true],
    ['words alone, which may be either', '#a,b\nsite,country\nx,de\ny,fr\nx,de\n', 0, true],
    ['a row of files without a header line', `#win,1.5,0\n${rows}`, 0, false, { due: 3 }],
    ['a comment above a row', `# exported\n${rows}`, 1, false, { due: 3 }],
    ['a declared mark', `// by me, of 2026, at home\n${rows}`, 1, false, { mark: '//' }],
    ['a declared mark, and words alone', '#a,b\nsite,country\nx,de\ny,fr\n', 1, false, { mark: '#' }],
    ['that there are none', `# exported\n${named}`, 0, false, { mark: '' }],
    ['delimiters alone above', `,,\n"","",\n# by me\n${named}`, 3, false],
    ['delimiters alone, and no comment', `,,\n${named}`, 0, false],
    ['delimiters alone, which are a row', `,,\n# by me\n${rows}`, 0, false, { due: 3 }],
    ['the delimiter above', `sep=;\n# by me, of 2026\n${named.replaceAll(',', ';')}`, 2, false],
    ['the delimiter below', `# by me, of 2026\nsep=;\n${named.replaceAll(',', ';')}`, 1, false],
    ['a quote that is opened and never closes', `# of 2026,"draft\n${named}`, 1, false],
    ['nothing else', '# exported\n# by me\n', 0, false],
    ['nothing', '', 0, false],
  ])('tells of %s', (_what, text, lines, isNext, told = {}) => {
    const found = commentsAbove(utf8(text), told);
    expect(found).toMatchObject({ lines, isNext });
    expect(text.slice(0, found.bytes).split('\n').length - 1).toBe(lines);
  });
});
