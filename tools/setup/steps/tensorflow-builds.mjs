import { existsSync } from 'node:fs';
import { SetupError } from '../step.mjs';

export const tensorflowVersion = '2.21.0';

/**
 * @typedef {object} Wheel
 * @property {string} requirement  name==version on the Python package index
 * @property {string} sha256  from the index's own file list
 */

/**
 * @typedef {object} Build
 * @property {'cpu' | 'gpu'} name
 * @property {number} mebibytes  to download
 * @property {readonly Wheel[]} wheels  TensorFlow's first
 */

/** @type {Build} */
const cpu = {
  name: 'cpu',
  mebibytes: 261,
  wheels: [
    {
      requirement: `tensorflow-cpu==${tensorflowVersion}`,
      sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
    },
  ],
};

/**
 * With the CUDA libraries that this TensorFlow opens, in the versions that its `and-cuda` extra names: without one of them it takes no
 * GPU.
 * @type {Build}
 */
const gpu = {
  name: 'gpu',
  mebibytes: 2003,
  wheels: [
    {
      requirement: `tensorflow==${tensorflowVersion}`,
      sha256: '9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124',
    },
    {
      requirement: 'nvidia-cublas-cu12==12.5.3.2',
      sha256: 'ca070ad70e9fa6654084575d01bd001f30cc4665e33d4bb9fc8e0f321caa034b',
    },
    {
      requirement: 'nvidia-cuda-nvrtc-cu12==12.5.82',
      sha256: '3dbd97b0104b4bfbc3c4f8c79cd2496307c89c43c29a9f83125f1d76296ff3fd',
    },
    {
      requirement: 'nvidia-cuda-runtime-cu12==12.5.82',
      sha256: '3e79a060e126df40fd3a068f3f787eb000fa51b251ec6cd97d09579632687115',
    },
    {
      requirement: 'nvidia-cudnn-cu12==9.3.0.75',
      sha256: '9ad9c6929ebb5295eb4a1728024666d1c88283373e265a0c5c883e6f9d5cd76d',
    },
    {
      requirement: 'nvidia-cufft-cu12==11.2.3.61',
      sha256: '9a6e8df162585750f61983a638104a48c756aa13f9f48e19ab079b38e3c828b8',
    },
    {
      requirement: 'nvidia-cusolver-cu12==11.6.3.83',
      sha256: '93cfafacde4428b71778eeb092ec615a02a3d05404da1bcf91c53e3fa1bce42b',
    },
    {
      requirement: 'nvidia-cusparse-cu12==12.5.1.3',
      sha256: '016df8e993c437e8301e62739f01775cba988fd5253cd4c64173f8e8d2f8e752',
    },
    {
      requirement: 'nvidia-nvjitlink-cu12==12.5.82',
      sha256: 'f9b37bc5c8cf7509665cb6ada5aaa0ce65618f2332b7d3e78e9790511f111212',
    },
  ],
};

/** What NVIDIA's driver puts there. */
const driverFiles = ['/proc/driver/nvidia/version', '/dev/nvidiactl'];

/**
 * The build for this machine: for GPUs where NVIDIA's driver is. `ADSTOCRAT_TENSORFLOW`, cpu or gpu, chooses otherwise.
 * @returns {Build}
 */
export function tensorflowBuild() {
  const asked = process.env['ADSTOCRAT_TENSORFLOW'] ?? '';
  if (!['', 'cpu', 'gpu'].includes(asked))
    throw new SetupError(`ADSTOCRAT_TENSORFLOW is "${asked}"; it is cpu or gpu, or not set`);
  if (asked !== '') return asked === 'gpu' ? gpu : cpu;
  return driverFiles.some((file) => existsSync(file)) ? gpu : cpu;
}
