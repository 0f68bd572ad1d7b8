import { UsageError } from '../errors.js';

/** A log group of CloudWatch Logs as typed. */
export interface LogGroup {
  readonly name: string;
  /** Where it was named by its ARN. */
  readonly arn?: string;
  readonly region?: string;
  readonly account?: string;
}

/** CreateLogGroup's pattern for names. */
const NAME = /^[\w./#-]{1,512}$/;
const ARN = /^(arn:[a-z-]+:logs:([a-z0-9-]+):(\d{12}):log-group:([\w./#-]{1,512}))(?::\*)?$/;

/** Whether a text is meant as a log group: `cloudwatch:/vpc/flow-logs`. */
export const isLogGroup = (text: string): boolean => /^cloudwatch:/i.test(text);

/**
 * Reads `cloudwatch:NAME` and `cloudwatch:arn:aws:logs:REGION:ACCOUNT:log-group:NAME`.
 *
 * @throws UsageError for anything else
 */
export function parseLogGroup(text: string): LogGroup {
  const given = text.slice('cloudwatch:'.length);
  const [, arn, region, account, name] = ARN.exec(given) ?? [];
  if (arn !== undefined) return { name: name!, arn, region: region!, account: account! };
  if (NAME.test(given)) return { name: given };
  throw new UsageError(
    `'${text}' names no log group.`,
    'Write it as cloudwatch:/vpc/flow-logs or cloudwatch:arn:aws:logs:REGION:ACCOUNT:log-group:NAME.',
  );
}
