import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { joinUri, readBytes, readJson, readText } from '@adstocrat/artifact-store';
import type { DataSchema } from '@adstocrat/data-validation';
import type { SpanManifest } from '@adstocrat/examples';
import { testDatabase, type TestDatabase } from '@adstocrat/postgres';
import type { events } from '@adstocrat/schemas';
import type { SpanStatistics } from '@adstocrat/statistics';
import { InvalidRequest } from '@adstocrat/service-kit';
import { parseTask } from '@adstocrat/tasks';
import { inferTask } from '../data/infer-task.ts';
import { heardReady, type IngestionParts, ingestionParts } from '../testing/ingestion-parts.ts';

const folder = mkdtempSync(join(tmpdir(), 'adstocrat-ingestion-'));
const uri = (...names: string[]): string => pathToFileURL(join(folder, ...names)).href;
const openBandit = pathToFileURL(resolve(import.meta.dirname, '../../../../test/data/openbandit')).href;
let database: TestDatabase;
let parts: IngestionParts;
let ready: readonly events.SpanReady[];

beforeAll(async () => {
  database = await testDatabase();
  parts = await ingestionParts(database.url, folder);
  ready = await heardReady(parts.bus);
  parts.work();
});
afterAll(async () => {
  await parts.close();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

function write(path: string, content: string | Uint8Array): void {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

const ingest = (taskYaml: string, dataUri: string): ReturnType<IngestionParts['ingest']> =>
  parts.ingest(taskYaml, dataUri);
const task = (name: string, more = ''): string =>
  `name: ${name}\ndata: {examples: ["*.csv", "*.csv.gz"], tolerate: 0.5%}\nlabel: y\n${more}`;

/** A PNG of one grey pixel, by hand: signature, IHDR, IDAT, IEND with their checksums. */
function tinyPng(grey: number): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const header = Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]);
  return Buffer.concat([
    Buffer.from('\u0089PNG\r\n\u001a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.from([0, grey]))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function crc32(bytes: Buffer): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

describe('a real click log', () => {
  it('becomes a span with its item table joined, once', async () => {
    const { taskYaml: yaml } = await inferTask(parts, { dataUri: openBandit, label: 'click', name: 'open-bandit' });
    expect(yaml).toContain('item_context.csv');
    expect(yaml).toContain('eventTime: timestamp');
    const { span, alreadyThere } = await ingest(yaml, openBandit);
    expect(alreadyThere).toBe(false);
    // Rows as the sample's authors name them; clicks as zcat and awk count them.
    expect(span.trainRows + span.validationRows + span.testRows).toBe(10_000);
    expect(span.rejectedRows).toBe(0);
    const manifest = await readJson<SpanManifest>(parts.store, joinUri(span.uri, 'span.json'));
    expect(manifest.positives.train + manifest.positives.validation + manifest.positives.test).toBe(38);
    const schema = await readJson<DataSchema>(parts.store, joinUri(span.uri, 'data-schema.json'));
    expect(schema.columns.find(({ name }) => name === 'item_feature_0')).toMatchObject({ type: 'float', table: 0 });
    const again = await ingest(yaml, openBandit);
    expect(again).toMatchObject({ alreadyThere: true, span: { span: span.span, digest: span.digest } });
    // Said twice, as two events: what came of the first may have failed.
    await expect.poll(() => ready.filter((event) => event.task === 'open-bandit').length, { timeout: 240_000 }).toBe(2);
  });
});

describe('a task that is proposed', () => {
  it('says what each column is read as, decimal commas and what is odd', async () => {
    const row = (at: number): string =>
      `2026-01-01 10:00:${String(10 + (at % 50))};s${at % 3};${at % 40},${10 + (at % 90)};${at % 7};${at % 5 === 0 ? `v${at % 10}` : at % 6};${at % 2}`;
    const rows = ['ts;site;price;size;code;clicked', ...Array.from({ length: 60 }, (_, at) => row(at))];
    write('shop-prices/rows.csv', rows.join('\n'));
    const asked = { dataUri: uri('shop-prices'), label: 'clicked', name: '' };
    const { taskYaml: yaml, guesses, notes } = await inferTask(parts, asked);
    expect(yaml).toContain(
      '\n# read as whole numbers: size\n# read as numbers: price\n# read as texts: site, code\nfeatures: {}\n',
    );
    expect(guesses).toContainEqual({ what: 'decimal comma in', value: 'price', key: 'data.decimal' });
    expect(notes).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^price: read with a decimal comma/),
        expect.stringMatching(/^code: 48 of 60 values are numbers, the others are not, for example "v[05]"/),
      ]),
    );
  });

  it('says which columns could be no input of a server, as the run would', async () => {
    const rows = [
      '__proto__,prediction_id,Site,clicked',
      ...Array.from({ length: 9 }, (_, at) => `a,${at % 3},b,${at % 2}`),
    ];
    write('shop-names/rows.csv', rows.join('\n'));
    const asked = { dataUri: uri('shop-names'), label: 'clicked', name: '' };
    const { taskYaml: yaml, notes } = await inferTask(parts, asked);
    for (const said of [/^column "__proto__": clients/, /^column "prediction_id": servers/])
      expect(notes).toContainEqual(expect.stringMatching(said));
    await expect(ingest(yaml, asked.dataUri)).rejects.toThrow(/column "__proto__": clients/);
  });
});

describe('lines of JSON with arrays', () => {
  it('become a task that says how each is read, and its guesses name it', async () => {
    const line = (row: number): string =>
      JSON.stringify({ seen: [`a${row % 3}`, 'b'], lines: [{ id: row }], clicked: row % 2 });
    write('shop-log/rows.jsonl', Array.from({ length: 60 }, (_, row) => line(row)).join('\n'));
    const asked = { dataUri: uri('shop-log'), label: 'clicked', name: '' };
    const { taskYaml: yaml, guesses } = await inferTask(parts, asked);
    expect(parseTask(yaml, 'task.yaml')).toMatchObject({
      name: 'shop-log',
      features: { seen: 'list', lines: 'ignore' },
    });
    expect(yaml).toMatch(/# guessed: "seen" as list, "lines" as ignore\nfeatures:/);
    expect(guesses).toEqual(
      expect.arrayContaining([
        { what: 'name', value: 'shop-log', key: 'name' },
        { what: '"seen"', value: 'as list', key: 'features.seen' },
        { what: 'split', value: 'by a hash of the row, 20 % test and 10 % validation', key: 'split' },
      ]),
    );
    const { span } = await ingest(yaml, asked.dataUri);
    expect(span.trainRows + span.validationRows + span.testRows).toBe(60);
  });
});

describe('a bucket with images', () => {
  it('keeps each content once and sets missing and bad images aside with their reason', async () => {
    for (const [name, bytes] of [
      ['a.png', tinyPng(7)],
      ['same.png', tinyPng(7)],
      ['cut.png', tinyPng(9).subarray(0, 40)],
      ['page.png', Buffer.from('<html>')],
    ] as const)
      write(`shop/img/${name}`, bytes);
    write(
      'shop/rows.csv',
      `y,pic,n\n${['a.png', 'same.png', 'cut.png', 'page.png', 'gone.png', ''].flatMap((pic) => [`1,${pic},1`, `0,${pic},2`, `0,${pic},`]).join('\n')}\n`,
    );
    const { span } = await ingest(task('shop', 'image: {column: pic, base: img/}\n'), uri('shop'));
    expect([span.images, span.rejectedImages, span.rejectedRows]).toEqual([2, 3, 0]);
    const rejects = await readText(parts.store, joinUri(span.uri, 'rejects.csv'));
    expect(rejects).toMatch(/img\/gone\.png,,image missing/);
    expect(rejects).toMatch(/img\/page\.png,,"?image not an image/);
    expect(rejects).toMatch(/img\/cut\.png,,image truncated/);
    const engine = await parts.openEngine({ workDir: join(folder, 'reading') });
    const index = await engine.openParquet([fileURLToPath(joinUri(span.uri, 'images.parquet'))]);
    const { value, sha256 } = Object.fromEntries(await engine.collect(index, ['value', 'sha256']));
    await engine.close();
    expect(value?.values).toEqual(['a.png', 'same.png']);
    expect(sha256?.values[0]).toBe(sha256?.values[1]);
    const kept = await Array.fromAsync(parts.metadata.images.list(Infinity));
    expect(kept.map((image) => image.sha256)).toEqual([sha256?.values[0]]);
  });
});

describe('links among the data', () => {
  it('are followed within the folder; what leaves it is left out and said', async () => {
    write('linked/real/rows.csv', `y,n\n${'1,2\n0,3\n'.repeat(20)}`);
    write('elsewhere/other.csv', 'y,n\n1,9\n0,9\n');
    symlinkSync('real/rows.csv', join(folder, 'linked', 'a.csv'));
    symlinkSync('../elsewhere/other.csv', join(folder, 'linked', 'b.csv'));
    const { span } = await ingest(task('linked'), uri('linked'));
    expect([span.trainRows + span.validationRows + span.testRows, span.rejectedRows]).toEqual([40, 0]);
    const rejects = await readText(parts.store, joinUri(span.uri, 'rejects.csv'));
    expect(rejects).toMatch(/linked\/b\.csv,,a symbolic link that leaves the folder is not followed/);
  });

  it.each(['../elsewhere/', '/etc/', '%2e%2e/elsewhere/'])('take no image base out of it: %s', async (base) => {
    const refused = ingest(task('linked', `image: {column: n, base: "${base}"}\n`), uri('linked'));
    await expect(refused).rejects.toThrow(InvalidRequest);
    await expect(refused).rejects.toThrow(/image\.base: .* must be a folder below the data/);
  });
});

describe('what is wrong with the data', () => {
  const good = 'y,n\n1,2\n0,3\n';
  it.each<[what: string, files: Record<string, string | Uint8Array>, yaml: string, message: RegExp]>([
    ['an empty CSV', { 'a.csv': '' }, task('bad'), /a\.csv is empty: a CSV begins with a header line/],
    [
      'a header that differs',
      { 'a.csv': good, 'b.csv': 'y,m\n1,2\n' },
      task('bad'),
      /b\.csv:1: column 2 is "m", in .*a\.csv it is "n"/,
    ],
    [
      'a label that is not binary',
      { 'a.csv': 'y,n\nred,2\nblue,3\n' },
      task('bad'),
      /label: column "y" holds "blue" and "red": which of the two is positive\? .* positive: "red"/,
    ],
    [
      'a label that is missing',
      { 'a.csv': 'z,n\n1,2\n' },
      task('bad'),
      /label: the data has no column "y"; did you mean "z"\?/,
    ],
    [
      'a column of the task that is absent',
      { 'a.csv': good },
      task('bad', 'item: nn\n'),
      /item: the data has no column "nn"; did you mean "n"\?/,
    ],
    [
      'a truncated gzip',
      { 'a.csv.gz': gzipSync(Buffer.from(good.repeat(9999))).subarray(0, 90) },
      task('bad'),
      /a\.csv\.gz is a truncated or damaged gzip/,
    ],
    ['an unknown key', { 'a.csv': good }, task('bad', 'lable: y\n'), /task\.yaml:4: lable: unknown key/],
    [
      'globs that match nothing',
      { 'a.txt': good },
      task('bad'),
      /nothing under .* matches data\.examples \*\.csv, \*\.csv\.gz/,
    ],
  ])('names %s and leaves nothing behind', async (_what, files, yaml, message) => {
    const name = `bad-${Math.random().toString(36).slice(2)}`;
    for (const [file, content] of Object.entries(files)) write(`${name}/${file}`, content);
    const result = ingest(yaml, uri(name));
    await expect(result).rejects.toThrow(InvalidRequest);
    await expect(result).rejects.toThrow(message);
    expect(await parts.metadata.listSpans('bad')).toEqual([]);
    await expect(Array.fromAsync(parts.store.list(`${uri('artifacts')}/spans/bad/`))).rejects.toThrow();
  });

  it('names a folder that is not there', async () => {
    await expect(ingest(task('bad'), uri('nowhere'))).rejects.toThrow(/no such bucket or folder: .*nowhere/);
  });

  it('keeps no personal value in the span', async () => {
    const rows = Array.from(
      { length: 300 },
      (_, row) => `secret-user-${row % 40},mail${row}@example.org,${row % 3},${row % 5 === 0 ? 1 : 0}`,
    );
    rows.push('secret-user-7,one@example.org,1,0,too,many');
    write('personal/log.csv', `user,mail,x,y\n${rows.join('\n')}\n`);
    const { span } = await ingest(
      task('personal', 'unit: user\npersonal: {user: hash, mail: drop}\n'),
      uri('personal'),
    );
    const schema = await readJson<DataSchema>(parts.store, joinUri(span.uri, 'data-schema.json'));
    expect(schema.columns.map(({ name }) => name)).toEqual(['user', 'x', 'y']);
    const manifest = await readJson<SpanManifest>(parts.store, joinUri(span.uri, 'span.json'));
    expect(manifest.personalKey).toBe(parts.personalKeys.current?.id);
    expect(await readText(parts.store, joinUri(span.uri, 'rejects.csv'))).toMatch(
      /log\.csv,302,"too many fields: 6, the header has 4",,\n$/,
    );
    const [seen] = (await readJson<SpanStatistics>(parts.store, joinUri(span.uri, 'statistics.json'))).columns;
    const pseudonyms = rows.map((_, user) => parts.personalKeys.current?.pseudonym(`secret-user-${user}`));
    expect(pseudonyms).toEqual(expect.arrayContaining(seen?.categorical?.top.map(({ value }) => value) ?? ['none']));
    for (const path of Object.keys(manifest.files)) {
      const bytes = Buffer.from(await readBytes(parts.store, joinUri(span.uri, path)));
      expect(bytes.includes('secret-user'), path).toBe(false);
      expect(bytes.includes('@example.org'), path).toBe(false);
    }
  });

  it.each([
    [
      'unit: user\npersonal: {user: drop}\n',
      /personal: "user" cannot be dropped: it is the task's unit; hash it instead/,
    ],
    ['personal: {y: hash}\n', /personal: "y" cannot be hashed: it is the task's label/],
    ['personal: {phone: hash}\n', /personal: the data has no column "phone"/],
  ])('refuses %j', async (more, says) => {
    write('impersonal/log.csv', 'user,x,y\na,1,0\nb,2,1\n');
    await expect(ingest(task('impersonal', more), uri('impersonal'))).rejects.toThrow(says);
  });

  it('sets bad rows aside by line and takes the rest, as far as they are tolerated', async () => {
    const good = '1,u\n0,v\n'.repeat(100);
    write('mixed/a.csv', `y,n\n1,"a, ""b""\nc"\n\n0,x,extra\nmaybe,z\n${good}`);
    await expect(ingest(task('mixed'), uri('mixed'))).rejects.toThrow(
      /^2 of 203 rows of the examples must be set aside, more than the 0\.5% that data\.tolerate allows\n {2}1 rows: too many fields/,
    );
    const { span } = await ingest(task('mixed').replace('tolerate: 0.5%', 'tolerate: 1%'), uri('mixed'));
    expect([span.trainRows + span.validationRows + span.testRows, span.rejectedRows]).toEqual([201, 2]);
    expect((await readText(parts.store, joinUri(span.uri, 'rejects.csv'))).split('\n').slice(0, 3)).toEqual([
      'file,line,reason,column,text',
      expect.stringMatching(/a\.csv,5,"too many fields: 3, the header has 2",,"0,x,extra"$/),
      expect.stringMatching(/a\.csv,6,the label is neither of its two values,y,maybe$/),
    ]);
  });
});
