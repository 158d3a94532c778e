import { expect, it } from 'vitest';
import { namelessColumns } from './nameless-columns.ts';

it.each<[text: string, columns: number]>([
  ['a,b,\n1,2,\n3,4,\n', 1],
  ['a;b;;;\r\n1;2;; ;\r\n', 3],
  [',,,\na,b,,\n1,2,,\n', 2],
  ['sep=;\na;b\n1;2\n', 0],
  ['a,b\n1,2\n', 0],
  ['a,b,\n1,2,\n3,4,x\n', 0],
  // Of another length, and so none of the rows.
  ['a,b,\n1,2,\n3,4\n', 1],
  ['a,,b\n1,2,3\n', 0],
  [',a\n0,1\n', 0],
  ['', 0],
])('in %j there are %d at the end', (text, columns) => {
  const delimiter = text.includes(';') ? ';' : ',';
  expect(namelessColumns(new TextEncoder().encode(text), delimiter)).toBe(columns);
});
