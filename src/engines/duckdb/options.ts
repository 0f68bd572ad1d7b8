import { UsageError } from '../../errors.js';
import { parseFormatOption } from '../../flowlog/format-option.js';
import { checkFlowLog } from '../../flowlog/s3-layout.js';
import { checkAccount, checkRegion } from '../../flowlog/table.js';
import type { LogKindName } from '../../flowlog/transit-gateway.js';
import { READING_OPTIONS } from '../../logs/options.js';
import { S3_OPTIONS, s3Settings, type TypedS3Options } from '../../logs/s3/options.js';
import { settingSpec as setting } from '../../option.js';
import { parseZone } from '../../time/zone.js';
import type { Engine, EngineContext } from '../engine.js';
import { localEngine } from './engine.js';

/** Which logs, as typed. */
export interface LocalLogsOptions extends TypedS3Options {
  readonly logs?: string[];
  readonly account?: string[];
  readonly awsRegion?: string[];
  readonly flowLog?: string[];
  readonly kind?: LogKindName;
  readonly late?: number;
  readonly sql?: boolean;
  readonly logFormat?: string;
  readonly maxInput?: number;
}

/** As {@link LocalLogsOptions}, with the zone, which other options have too. */
type Options = LocalLogsOptions & {
  readonly tz?: string;
  readonly interface?: readonly string[];
  readonly where?: readonly string[];
};

/** The interface that a question names, where it names one. */
function eniOf({ interface: named = [], where = [] }: Options): string | undefined {
  const [eni, ...others] = named;
  if (eni !== undefined) return others.length === 0 && /^eni-[0-9a-f]+$/.test(eni) ? eni : undefined;
  for (const each of where) {
    const found = /^interface[-_]id=(eni-[0-9a-f]+)$/.exec(each)?.[1];
    if (found !== undefined) return found;
  }
  return undefined;
}

export const LOCAL = {
  sourceOptions: [
    {
      heading: 'Logs and time:',
      options: [
        setting(
          '--logs <path>',
          'file, folder, pattern, s3://…, cloudwatch:LOG-GROUP, or - for standard input (repeatable)',
          { many: 'repeatable' },
        ),
        ...READING_OPTIONS,
      ],
    },
    { heading: 'Logs in S3:', options: S3_OPTIONS.bucket },
  ],
  runOptions: [{ heading: 'Logs in S3:', options: S3_OPTIONS.download }],
  namedBy: ['logs'],
  judgesStatements: true,
  isNamed: ({ logs = [] }: LocalLogsOptions) => logs.length > 0,
  async create(options: Options, context: EngineContext): Promise<Engine> {
    const { logs = [], account, awsRegion, flowLog, kind, late, logFormat, tz } = options;
    if (logs.length === 0) {
      throw new UsageError(
        'No logs are named.',
        "Name them with --logs: a folder, a file, a quoted pattern, s3://bucket/prefix/, or - for standard input. 'flowlog sample DIR' makes some.",
      );
    }
    return localEngine({
      logs,
      logFormat: logFormat === undefined ? undefined : parseFormatOption('--log-format', logFormat),
      zone: tz === undefined ? undefined : parseZone(tz),
      accounts: account?.map(checkAccount),
      regions: awsRegion?.map(checkRegion),
      flowLogs: flowLog?.map(checkFlowLog),
      kind,
      late,
      eni: eniOf(options),
      // Of a statement that is only shown, the beginnings of some files are enough.
      s3: await s3Settings(logs, options, { ...context, lookOnly: options.sql === true }),
      maxInput: options.maxInput,
      // Standard input is opened only where it is read.
      stdin: logs.includes('-') ? context.stdin : undefined,
    });
  },
};
