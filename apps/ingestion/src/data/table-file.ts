/** Whether a path is named as a file of rows: CSV, packed with gzip or not, in upper or lower case. */
export function isTable(path: string): boolean {
  return /\.csv(\.gz)?$/i.test(path);
}
