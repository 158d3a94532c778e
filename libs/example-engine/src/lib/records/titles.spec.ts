import { describe, expect, it } from 'vitest';
import { titlesAbove } from './titles.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const rows = 'a,1.5,0\nb,2.5,1\na,3.5,0\nb,1.5,0\n';
const named = `site,price,clicked\n${rows}`;

describe('titlesAbove', () => {
  it.each<[what: string, title: string, table?: string]>([
    ['one line', 'Search keyword report\n'],
    ['two lines with a date in quotes', 'Search keyword report\n"September 1, 2026 - October 30, 2026"\n'],
    ['blank lines among them', '"Report Name: Keyword"\r\n"Rows: 4"\r\n\r\n'],
    ['lines that a spreadsheet has filled up', 'Search keyword report,,\n,,\n'],
    ['lines within quotes', '"# made by us\nover several, lines"\n'],
    ['semicolons', 'Bericht, Oktober\n', named.replaceAll(',', ';')],
    ['a quote that is opened and never closes', 'of 2026: "draft\n'],
  ])('tells %s', (_, title, table = named) => {
    const found = titlesAbove(utf8(title + table));
    expect(found?.bytes).toBe(title.length);
    expect(found?.lines).toBe(title.split('\n').length - 1);
    expect(found?.delimiter).toBe(table === named ? ',' : ';');
  });

  it.each<[what: string, text: string]>([
    ['names at once', named],
    ['blank lines above names', `\n\n${named}`],
    // As R writes it, without a name for the names of rows.
    ['a header that lacks a name', `price,clicked\n${rows}`],
    ['a short row above others', `a\n${rows}`],
    ['a title above rows without names', `Report\n${rows}`],
    ['a title above words alone, which may be rows', `Report\nsite,country\nx,de\ny,fr\nx,de\n`],
    ['rows of one field', 'clicked\n1\n0\n1\n0\n'],
    ['rows of many lengths', 'Report\na,b,c\n1,2,3\n1,2\n1,2,3,4\n1,2,3\n'],
    ['the delimiter above', `sep=,\n${named}`],
    ['too few rows to tell', 'Report\nsite,price,clicked\na,1.5,0\n'],
    ['nothing', ''],
  ])('tells none of %s', (_, text) => {
    expect(titlesAbove(utf8(text))).toBeUndefined();
  });
});
