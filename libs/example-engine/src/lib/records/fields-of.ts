const quote = '"';

/** The fields of one record as text, quotes taken off. A quote inside an unquoted field is a character of it. */
export function fieldsOf(record: string, delimiter: string): readonly string[] {
  const fields: string[] = [];
  let field = '';
  let state: 'start' | 'unquoted' | 'quoted' = 'start';
  for (let at = 0; at < record.length; at += 1) {
    const char = record.charAt(at);
    if (state === 'quoted') {
      if (char !== quote) field += char;
      else if (record[at + 1] === quote) {
        field += quote;
        at += 1;
      } else state = 'unquoted';
    } else if (char === delimiter) {
      fields.push(field);
      field = '';
      state = 'start';
    } else if (char === quote && state === 'start') state = 'quoted';
    else {
      field += char;
      state = 'unquoted';
    }
  }
  return [...fields, field];
}

/** Fields as one record that anything reads: quoted where need be. */
export function recordOf(fields: readonly string[], delimiter: string): string {
  return fields
    .map((field) => (/["\r\n]/.test(field) || field.includes(delimiter) ? `"${field.replaceAll('"', '""')}"` : field))
    .join(delimiter);
}
