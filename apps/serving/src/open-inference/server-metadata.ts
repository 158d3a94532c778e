import packageJson from '../../package.json' with { type: 'json' };

/** What the server is, and which of Triton's extensions of the protocol it has. */
export const serverMetadata = {
  name: 'adstocrat',
  version: packageJson.version,
  extensions: [
    'binary_tensor_data',
    'parameters',
    'model_configuration',
    'model_repository',
    'statistics',
    'trace',
    'logging',
  ],
};
