import { globSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { environmentOf } from '@adstocrat/python-environments';
import { type ConnectServer, startConnectServer } from './connect-server.ts';

/** Starts Spark 4.0.1 as its wheel brings it, `local[2]`. Needs Java 17. Made from PyPI where it is not there yet: 850 MB on disk. */
export function startSpark(): Promise<ConnectServer> {
  const { folder, python } = environmentOf(resolve(import.meta.dirname, '../python/spark-4.0.1.txt'));
  const [packages] = globSync(join(folder, 'lib/python3.*/site-packages/pyspark'));
  if (packages === undefined) throw new Error(`there is no pyspark in ${folder}: remove that folder and run again`);
  return startConnectServer(
    join(packages, 'bin/spark-submit'),
    (port) => [
      ...['--class', 'org.apache.spark.sql.connect.service.SparkConnectServer', '--master', 'local[2]'],
      ...settings(port).flatMap((setting) => ['--conf', setting]),
      // The server is in Spark itself: there is no program of one's own.
      'spark-internal',
    ],
    { SPARK_HOME: packages, SPARK_LOCAL_IP: '127.0.0.1', PYSPARK_PYTHON: python },
  );
}

const settings = (port: number): readonly string[] => [
  'spark.connect.grpc.binding.address=127.0.0.1',
  `spark.connect.grpc.binding.port=${port}`,
  'spark.ui.enabled=false',
  'spark.driver.host=127.0.0.1',
  'spark.driver.memory=2g',
  'spark.sql.shuffle.partitions=4',
];
