/** How the names of files of rows end, in upper or lower case. */
const ending = /\.(?:[ct]sv(?:\.(?:gz|zst))?|(?:jsonl|ndjson)(?:\.(?:gz|zst))?|parquet)$/i;

/** Whether a path is named as a file of rows: CSV, also with tabs, or lines of JSON, packed or not, or Parquet. */
export function isTable(path: string): boolean {
  return ending.test(path);
}

/** How its name ends, `.csv.gz`; '' where it is called otherwise. */
export function tableEnding(path: string): string {
  return ending.exec(path)?.[0] ?? '';
}
