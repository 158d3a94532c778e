import { DuckDBInstance } from '@duckdb/node-api';

// A process of its own: DATA PARQUET. DuckDB with its own reader, guesses and memory joins a folder's CSV and writes Parquet.
const [data = '', to = ''] = process.argv.slice(2);
const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
const connection = await instance.connect();
await connection.run(
  `COPY (SELECT * FROM read_csv('${data}/part-*.csv') AS log LEFT JOIN read_csv('${data}/brands.csv') AS brands USING (c4))
   TO '${to}' (FORMAT parquet, COMPRESSION zstd)`,
);
connection.closeSync();
instance.closeSync();
