// Rolls the declarations of all modules up into one file: the public types, and nothing that they do not use.
import { dts } from 'rollup-plugin-dts';

export default {
  input: '.types/index.d.ts',
  output: { file: 'dist/index.d.ts' },
  external: /^(?:node:|@)/,
  plugins: [dts({ respectExternal: true })],
};
