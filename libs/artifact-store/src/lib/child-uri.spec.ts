import { describe, expect, it } from 'vitest';
import { childUri } from './child-uri.ts';

describe('childUri', () => {
  it.each([
    ['a.png', 'file:///d/img/a.png', 'gs://b/img/a.png'],
    ['x/./y//a b.png', 'file:///d/img/x/y/a%20b.png', 'gs://b/img/x/y/a b.png'],
    ['x/../a.png', 'file:///d/img/a.png', 'gs://b/img/a.png'],
    ['100%.png', 'file:///d/img/100%25.png', 'gs://b/img/100%.png'],
    ['100%41.png', 'file:///d/img/100%2541.png', 'gs://b/img/100%41.png'],
    ['..a/b..', 'file:///d/img/..a/b..', 'gs://b/img/..a/b..'],
  ])('names %j below the base', (path, file, gs) => {
    expect(childUri('file:///d/img/', path)).toBe(file);
    expect(childUri('gs://b/img/', path)).toBe(gs);
  });

  it.each([
    '',
    '.',
    '/',
    '..',
    '../x.png',
    '../../x.png',
    'a/../../x.png',
    '/etc/passwd',
    '//etc/passwd',
    'file:///etc/passwd',
    'gs://other/x.png',
    '%2e%2e/x.png',
    '%2E%2e%2fx.png',
    '%2fetc/passwd',
    'a/%2e%2e/%2e%2e/x.png',
    'a%00.png',
    '..\\x.png',
    'a%5c..%5cx.png',
    'a\u0000.png',
    'a\nb.png',
    'a\ud800.png',
    'x'.repeat(1025),
  ])('refuses %j', (path) => {
    expect(childUri('file:///d/img/', path)).toBeUndefined();
    expect(childUri('gs://b/img/', path)).toBeUndefined();
  });
});
