import { describe, expect, it } from 'vitest';
import { imageColumn, imageLike } from './image-column.ts';

const paths = ['rows.csv', 'img/a.png', 'img/b.PNG', 'img/c#1.png', 'img/deep/d.webp', 'thumbs/a.png'];
const column = (name: string, ...values: string[]) => ({ name, values });

describe('imageColumn', () => {
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
    expect(imageColumn(columns, paths)).toEqual(found);
  });

  it('is not looked for in a column without values', () => {
    expect(imageLike([column('empty')])).toEqual([]);
  });
});
