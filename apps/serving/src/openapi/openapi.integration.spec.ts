import AjvCompiler from '@fastify/ajv-compiler';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDatabase } from '@adstocrat/postgres';
import { type Running, ServingUnderTest } from '../serving-under-test.ts';
import { operations, type Schema } from './operations.ts';

const compile = AjvCompiler()({}, { customOptions: { strict: false, coerceTypes: false, useDefaults: false } });
/** What a schema has against a value; nothing where it is valid. */
function faults(schema: Schema, value: unknown): unknown {
  const validate = compile({ schema } as never) as unknown as ((value: unknown) => boolean) & {
    readonly errors?: unknown;
  };
  return validate(value) ? undefined : validate.errors;
}

describe('the OpenAPI document', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let subject: ServingUnderTest;
  let running: Running;
  beforeAll(async () => {
    database = await testDatabase();
    subject = await ServingUnderTest.open(database.url);
    running = await subject.start({ BATCHES: 'off' });
  });
  afterAll(async () => {
    await running.stop();
    await subject.close();
    await database.drop();
  });

  it('is served, and holds every operation once', async () => {
    const document = (await (await fetch(`${running.rest}/openapi.json`)).json()) as {
      readonly openapi: string;
      readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly operationId: string }>>>>;
    };
    expect(document.openapi).toBe('3.1.0');
    const ids = Object.values(document.paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    );
    expect(ids.toSorted()).toEqual(operations.map(({ id }) => id).toSorted());
    expect(new Set(ids).size).toBe(ids.length);
  });

  it.each(operations.map((operation) => [operation.id, operation] as const))(
    'is true of %s: its example is answered as its schema says',
    async (_, { method, path, body, answer }) => {
      const named = { model: 'ads', version: '1', label: 'stable', batch: 'example-1' };
      const url = path.replaceAll(/\{(\w+)\}/g, (_, name: keyof typeof named) => named[name]);
      if (body !== undefined) expect(faults(body.schema, body.example)).toBeUndefined();
      const response = await fetch(`${running.rest}${url}`, {
        method: method.toUpperCase(),
        ...(body === undefined ? {} : { body: JSON.stringify(body.example) }),
      });
      const json = await response.json();
      expect([response.status, json]).toEqual([200, expect.anything()]);
      expect(faults(answer, json)).toBeUndefined();
    },
  );

  it('has a page that loads nothing from elsewhere', async () => {
    const response = await fetch(`${running.rest}/docs`);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'; connect-src 'self'/);
    expect(await response.text()).not.toMatch(/(src|href)="(https?:)?\/\//);
  });
});
