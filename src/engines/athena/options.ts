import { ATHENA_OPTIONS, athenaSettings, type TypedAthenaOptions } from '../../athena/options.js';
import { checkFlowLog } from '../../flowlog/s3-layout.js';
import { checkAccount, checkRegion } from '../../flowlog/table.js';
import type { LogKindName } from '../../flowlog/transit-gateway.js';
import type { OptionSpec } from '../../option.js';
import type { Engine, EngineContext } from '../engine.js';

const HEADING = 'Athena:';
const group = (...options: readonly (readonly OptionSpec[])[]) => [
  { heading: HEADING, options: options.flat() },
];

export const ATHENA = {
  sourceOptions: group(ATHENA_OPTIONS.table, ATHENA_OPTIONS.columns, ATHENA_OPTIONS.workgroup),
  runOptions: group(ATHENA_OPTIONS.statement, ATHENA_OPTIONS.question, ATHENA_OPTIONS.price),
  namedBy: ['table', 'database', 'catalog'],
  judgesStatements: false,
  // Its table has a name by default.
  isNamed: () => true,
  async create(
    options: TypedAthenaOptions & {
      readonly account?: string[];
      readonly awsRegion?: string[];
      readonly flowLog?: string[];
      readonly kind?: LogKindName;
      readonly late?: number;
    },
    context: EngineContext,
  ): Promise<Engine> {
    const { athenaEngine } = await import('./engine.js');
    return athenaEngine({
      ...(await athenaSettings(options, context)),
      accounts: options.account?.map(checkAccount),
      regions: options.awsRegion?.map(checkRegion),
      flowLogs: options.flowLog?.map(checkFlowLog),
      kind: options.kind,
      late: options.late,
    });
  },
};
