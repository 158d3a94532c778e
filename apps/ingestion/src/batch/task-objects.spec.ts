import { describe, expect, it } from 'vitest';
import type { ArtifactInfo, ArtifactStore } from '@adstocrat/artifact-store';
import { parseTask } from '@adstocrat/tasks';
import type { OpenData } from '../data/open-data.ts';
import { TaskObjects } from './task-objects.ts';

const task = (data: string, image = 'image: {column: pic, base: img}'): TaskObjects =>
  new TaskObjects(parseTask(`name: ads\ndata: ${data}\nlabel: clicked\n${image}\n`, 'task.yaml'));
const examples = '{examples: ["*.csv"], tables: [{path: items.csv, key: item}]}';
const place: OpenData = { store: {} as ArtifactStore, uri: 'gs://ads/data' };
const object = (path: string, generation = '1', bytes = 10): ArtifactInfo => ({
  uri: `gs://ads/data/${path}`,
  bytes,
  generation,
});

function found(objects: TaskObjects, shown: readonly ArtifactInfo[], data = place) {
  for (const one of shown) objects.look(one, data);
  const { files, tables, ...more } = objects.found(data);
  return { files: files.map(({ uri }) => uri), tables: tables.flat().map(({ uri }) => uri), ...more };
}

describe('TaskObjects', () => {
  it('tells examples, tables and what is left out from each other', () => {
    const paths = ['.x.csv', 'a.csv', 'b.csv', 'img/1.jpg', 'items.csv', 'more/c.csv', 't/_delta_log/0.json'];
    expect(
      found(
        task(examples),
        paths.map((path) => object(path)),
      ),
    ).toMatchObject({
      files: ['gs://ads/data/a.csv', 'gs://ads/data/b.csv'],
      tables: ['gs://ads/data/items.csv'],
      imageBaseUri: 'gs://ads/data/img/',
      notes: [
        expect.stringContaining('Delta table'),
        'hidden and left out: .x.csv',
        'not named by data.examples or data.tables and left out: more/c.csv',
      ],
    });
  });

  it('takes the one file that was named, and what lies beside it as tables and images', () => {
    const onlyFile = object('b.csv');
    const shown = [object('a.csv'), onlyFile, object('items.csv')];
    expect(found(task(examples), shown, { ...place, onlyFile })).toMatchObject({
      files: ['gs://ads/data/b.csv'],
      tables: ['gs://ads/data/items.csv'],
      notes: [],
    });
  });

  it('says what there is where its globs name nothing', () => {
    expect(() => found(task('{examples: ["*.parquet"]}'), [object('a.csv')])).toThrow(
      'nothing under gs://ads/data matches data.examples *.parquet; there is, for example: gs://ads/data/a.csv',
    );
  });

  describe('has a digest of images', () => {
    const digest = (...more: readonly ArtifactInfo[]) =>
      found(task(examples), [object('a.csv'), object('img/1.jpg'), ...more, object('items.csv')]).imagesDigest;

    it('that is the same for the same images, whatever else there is', () => {
      expect(digest(object('img2/2.jpg'), object('other/1.jpg'))).toBe(digest());
    });

    it.each([
      ['one more', object('img/2.jpg')],
      ['another name', object('img/3.jpg')],
      ['another generation', object('img/2.jpg', '2')],
      ['another size', object('img/2.jpg', '1', 11)],
    ])('that is another one for %s', (what, one) => {
      expect(digest(one)).not.toBe(digest());
      if (what !== 'one more') expect(digest(one)).not.toBe(digest(object('img/2.jpg')));
    });

    it('that rows below the images do not change', () => {
      const all = '{examples: ["**/*.csv"], tables: [{path: items.csv, key: item}]}';
      const [one, other] = ['1', '2'].map(
        (generation) => found(task(all), [object('img/a.csv', generation), object('items.csv')]).imagesDigest,
      );
      expect(one).toBe(other);
    });

    it('only where the task has images', () => {
      const { imagesDigest } = found(task(examples, ''), [object('a.csv'), object('img/1.jpg'), object('items.csv')]);
      expect(imagesDigest).toBeUndefined();
    });
  });
});
