import { tmpdir } from 'node:os';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { assertData, dataUri } from './data-place.ts';

describe('the place of data', () => {
  it.each(['gs://bucket/a b%', 'file:///a%20b'])('is a URI as it is: %s', (uri) => {
    expect(dataUri(uri)).toBe(uri);
  });

  it.each([
    tmpdir(),
    import.meta.filename,
    pathToFileURL(import.meta.filename).href,
    'gs://bucket',
    'gs://bucket/drop',
  ])('may be %s', (text) => {
    expect(() => {
      assertData(text);
    }).not.toThrow();
  });

  it.each([
    ['/nowhere/at all', 'no such folder or file'],
    ['/dev/null', 'neither a folder nor a file'],
    ['s3://bucket/drop', 'under gs://bucket/prefix'],
    ['gs:///drop', 'a bucket is named by gs://bucket/prefix'],
    ['file://elsewhere/drop', 'File URL host'],
  ])('is not %s', (text, why) => {
    expect(() => {
      assertData(text);
    }).toThrow(why);
  });
});
