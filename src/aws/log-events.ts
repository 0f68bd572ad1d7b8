import type { FilteredLogEvent } from '@aws-sdk/client-cloudwatch-logs';
import type { LogGroup } from '../flowlog/log-group.js';
import type { TimeRange } from '../time/range.js';
import type { Aws } from './clients.js';
import { explained } from './errors.js';
import { noSuchGroup } from './log-group-arn.js';
import { tokenCheck } from './pages.js';

export interface EventSelection {
  /** Unix seconds. A flow log's event has the time at which its record starts (VPC User Guide, "flow-logs-cwl"). */
  readonly range: TimeRange;
  /** Events in a page; as many as fit unless given. */
  readonly limit?: number | undefined;
  /** What the names of their streams begin with: an interface's id. */
  readonly prefix?: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * The events of a log group, page by page (`FilterLogEvents`). A page may be empty though more follow: only a missing token
 * ends them.
 *
 * @throws FlowlogError for a group that does not exist, and for a token that comes twice
 */
export async function* logEvents(
  aws: Aws,
  group: LogGroup,
  { range, limit, prefix, signal }: EventSelection,
): AsyncGenerator<readonly FilteredLogEvent[]> {
  const client = await aws.logs(group.region);
  const { FilterLogEventsCommand } = await import('@aws-sdk/client-cloudwatch-logs');
  const doing = {
    action: 'logs:FilterLogEvents',
    resource: `log group ${group.name}`,
    profile: aws.options.profile,
  };
  const { since, until } = range;
  const input = {
    // An ARN reaches a linked account, too.
    ...(group.arn === undefined ? { logGroupName: group.name } : { logGroupIdentifier: group.arn }),
    ...(since === undefined ? {} : { startTime: since * 1000 }),
    // Inclusive, while the range is not.
    ...(until === undefined ? {} : { endTime: until * 1000 - 1 }),
    ...(limit === undefined ? {} : { limit }),
    ...(prefix === undefined ? {} : { logStreamNamePrefix: prefix }),
  };
  const check = tokenCheck(`log group ${group.name}`);
  let nextToken: string | undefined;
  do {
    const page = await explained(
      doing,
      async () => {
        try {
          return await client.send(new FilterLogEventsCommand({ ...input, nextToken }), {
            abortSignal: signal,
          });
        } catch (error) {
          if ((error as Error).name !== 'ResourceNotFoundException') throw error;
          throw noSuchGroup(group, await client.config.region());
        }
      },
      signal,
    );
    yield page.events ?? [];
    nextToken = page.nextToken || undefined;
    check(nextToken);
  } while (nextToken !== undefined);
}
