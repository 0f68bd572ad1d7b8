import type { Asked, Rows, Script } from '../aws/athena.js';
import { FakeAws } from '../aws/server.js';
import { trinoStatements } from './hive-on-trino.js';
import type { Moto } from './moto.js';
import { type Answer, type Trino, TrinoError } from './trino.js';

/** The loopback Athena, whose statements run on a Trino and whose results are objects of a moto. */
export async function athenaOnTrino(trino: Trino, moto: Moto): Promise<FakeAws> {
  const aws = new FakeAws();
  aws.athena.script = (_filled, asked) => select(trino, asked);
  aws.athena.define = async (ddl) => {
    for (const statement of trinoStatements(ddl)) await trino.run(statement);
  };
  aws.athena.folders = async ({ PartitionKeys = [] }, database, name) => {
    const { rows } = await trino.run(`SELECT * FROM "${database}"."${name}$partitions"`);
    return rows.map((row) => row.map((value, i) => `${PartitionKeys[i]!.Name}=${value}`).join('/'));
  };
  aws.athena.store = (bucket, key, text) => moto.put(bucket, key, text);
  return aws.start();
}

async function select(trino: Trino, { text, parameters }: Asked): Promise<Script> {
  try {
    const answer = await trino.run(text, parameters);
    return { result: rowsOf(answer), scanned: answer.stats.physicalInputBytes };
  } catch (error) {
    if (!(error instanceof TrinoError)) throw error;
    return { state: 'FAILED', reason: error.message };
  }
}

/** As Athena's CSV has them: all text. */
function rowsOf({ columns, rows }: Answer): Rows {
  const writers = columns.map(({ type }) => writer(type));
  return {
    columns: columns.map(({ name, type }) => ({ Name: name, Type: type.replace(/\(.*/, '') })),
    rows: rows.map((row) => row.map((value, i) => (value === null ? null : writers[i]!(value)))),
  };
}

/** How Athena writes a value of a type; types that nobody has looked at are refused. */
function writer(type: string): (value: unknown) => string {
  if (/^(?:varchar|char|tinyint|smallint|integer|bigint|boolean|decimal|date$|timestamp)/.test(type))
    return String;
  if (type === 'double') return (value) => double(Number(value));
  throw new Error(`a result of type ${type}`);
}

/** As Java writes it: `1.0`, `1.0E-4`. */
function double(value: number): string {
  const [digits = '', exponent = ''] = value.toExponential().split('e');
  const power = Number(exponent);
  const fraction = (text: string) => (text.includes('.') ? text : `${text}.0`);
  if (!Number.isFinite(value) || value === 0 || (power >= -3 && power < 7)) return fraction(String(value));
  return `${fraction(digits)}E${power}`;
}
