import { FlowlogError } from '../errors.js';
import { plural } from '../terminal/units.js';
import type { LogFile } from './log-file.js';

/**
 * A file that was named must be a log; others are skipped and counted.
 *
 * @param logs what the user named
 * @param passedOver files that were not looked at
 * @throws FlowlogError for such a file, or when none is a log
 */
export function refuseForeign(files: readonly LogFile[], logs: readonly string[], passedOver: number): void {
  const foreign = files.filter((file) => file.kind === 'foreign');
  const [wrong] = foreign.filter(({ named }) => named);
  if (wrong) {
    throw new FlowlogError(`${wrong.name} is not a flow log: ${wrong.why}.`, adviceOn(wrong));
  }
  if (foreign.length > 0 && foreign.length === files.length && passedOver === 0) {
    const first = foreign.find(({ formatUnknown }) => formatUnknown) ?? foreign[0]!;
    throw new FlowlogError(
      `There are no flow logs under ${logs.join(', ')}: ${plural(foreign.length, 'file')}, none of them a log. ${first.name}: ${first.why}.`,
      adviceOn(first),
    );
  }
}

const adviceOn = ({ formatUnknown }: Extract<LogFile, { kind: 'foreign' }>) =>
  formatUnknown
    ? "Say which fields its lines hold: --log-format '${version} ${account-id} …', as `aws ec2 describe-flow-logs` prints it."
    : 'Name the log files themselves with --logs: text as AWS delivers it or CloudWatch Logs and Athena export it, or Parquet.';
