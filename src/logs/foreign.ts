import { FlowlogError } from '../errors.js';
import type { LogFile } from './log-file.js';

/**
 * A file that was named, or that its own name says is a log, must be one; others are passed over and counted.
 *
 * @param logs what the user named
 * @param passedOver files that were not looked at
 * @throws FlowlogError for such a file, or when there is no log at all
 */
export function refuseForeign(files: readonly LogFile[], logs: readonly string[], passedOver: number): void {
  const foreign = files.filter((file) => file.kind === 'foreign');
  const wrong = foreign.find(({ name, named }) => named || /\.gz$|\.parquet$/i.test(name));
  if (wrong) {
    throw new FlowlogError(
      `${wrong.name} is not a flow log: ${wrong.why}.`,
      'Take it out of the folder, or name the log files themselves with --logs.',
    );
  }
  if (foreign.length > 0 && foreign.length === files.length && passedOver === 0) {
    throw new FlowlogError(
      `There are no flow logs under ${logs.join(', ')}: ${foreign.length} files, none of them a log.`,
      'Flow logs are gzip text, plain text or Parquet, as AWS delivers them to S3.',
    );
  }
}
