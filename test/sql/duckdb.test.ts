import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { containsAddress } from '../../src/net/cidr.js';
import { duckdbDialect } from '../../src/sql/duckdb.js';
import { sql } from '../../src/sql/sql.js';
import { addressNear, anyBlock } from '../arbitraries.js';
import { runs } from '../seed.js';

it('an address lies in a block or not; of no address nothing can be said', async () => {
  const connection = await (await DuckDBInstance.create()).connect();
  const asked = fc
    .tuple(anyBlock, anyBlock)
    .chain(([block, other]) =>
      fc.tuple(fc.constant(block), fc.oneof(addressNear(block), addressNear(other))),
    );
  await fc.assert(
    fc.asyncProperty(asked, async ([block, address]) => {
      const inside = duckdbDialect.inside(sql`address`, block);
      const text = `SELECT ${inside.sql} FROM (VALUES ('${address}'), (NULL)) AS t (address)`;
      const reader = await connection.runAndReadAll(text, inside.values as string[]);
      expect(reader.getRows()).toEqual([[containsAddress(block, address)], [null]]);
    }),
    { numRuns: runs(60) },
  );
  connection.closeSync();
});
