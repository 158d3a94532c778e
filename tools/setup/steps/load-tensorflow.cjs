// tfjs-node 4.22 calls two functions that Node 23 removed.
const util = require('node:util');
util.isNullOrUndefined ??= (value) => value == null;
util.isArray ??= Array.isArray;
const tf = require(process.argv[2]);
const sum = tf.tidy(() => tf.sum(tf.tensor1d([1, 2, 4])).dataSync()[0]);
if (sum !== 7) throw new Error(`TensorFlow adds 1, 2 and 4 to ${sum}`);
