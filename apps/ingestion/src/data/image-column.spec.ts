import { describe, expect, it } from 'vitest';
import { ImageColumns, type SampledColumn } from './image-column.ts';

const paths = ['rows.csv', 'img/a.png', 'img/b.PNG', 'img/c#1.png', 'img/deep/d.webp', 'thumbs/a.png'];
function imageColumn(columns: readonly SampledColumn[], shown: readonly string[] = paths) {
  const images = new ImageColumns(columns);
  for (const path of shown.toSorted()) images.look(path);
  return images.found();
}
const column = (name: string, ...values: string[]) => ({ name, values });

describe('ImageColumns', () => {
  it.each([
    ['by the base of most values', [column('pic', 'a.png', 'b.PNG', 'c#1.png')], { column: 'pic', base: 'img/' }],
    ['where the most frequent image is missing', [column('pic', 'gone.png', 'b.PNG')], { column: 'pic', base: 'img/' }],
    [
      'by values with folders of their own',
      [column('pic', 'img/a.png', 'img/deep/d.webp')],
      { column: 'pic', base: '' },
    ],
    [
      'of two, the one with more of its images there',
      [column('x', 'a.png', 'n.png'), column('y', 'b.PNG', 'a.png')],
      { column: 'y', base: 'img/' },
    ],
    ['though not by a column of which few look like images', [column('site', 'a.png', 'shop', 'news')], undefined],
    ['though not where none is there', [column('pic', 'x.png', 'y.png')], undefined],
    ['though not by the end of another name', [column('pic', 'ng/a.png')], undefined],
  ])('is found %s', (_how, columns, found) => {
    expect(imageColumn(columns)).toEqual(found);
  });

  it('is not looked for in a column without values', () => {
    expect(new ImageColumns([column('empty')]).candidates).toEqual([]);
  });

  it('is found by the base of most values, of bases that lie one in another and beside each other', () => {
    const shown = ['a.png', 'img-2/a.png', 'img-2/b.png', 'img/a.png', 'img/deep/a.png', 'img/deep/c.png', 'img/z.png'];
    const values = (...some: string[]) => imageColumn([column('pic', ...some)], shown);
    expect(values('a.png', 'b.png', 'c.png')).toEqual({ column: 'pic', base: 'img-2/' });
    expect(values('a.png', 'c.png')).toEqual({ column: 'pic', base: 'img/deep/' });
    // Under 'img/' before and after what lies deeper.
    expect(values('a.png', 'z.png')).toEqual({ column: 'pic', base: 'img/' });
    expect(values('a.png')).toEqual({ column: 'pic', base: '' });
  });
});
