import { FlowlogError } from '../errors.js';
import type { LogGroup } from '../flowlog/log-group.js';
import type { Aws } from './clients.js';
import { explained } from './errors.js';
import { pagesOf } from './pages.js';

/** The ARN of a log group, which tells it from groups of the same name in other accounts and regions. */
export async function logGroupArn(aws: Aws, group: LogGroup, signal: AbortSignal): Promise<string> {
  if (group.arn !== undefined) return group.arn;
  const client = await aws.logs();
  const { paginateDescribeLogGroups } = await import('@aws-sdk/client-cloudwatch-logs');
  const doing = {
    action: 'logs:DescribeLogGroups',
    resource: `log group ${group.name}`,
    profile: aws.options.profile,
  };
  const arn = await explained(
    doing,
    async () => {
      const asked = { logGroupNamePrefix: group.name };
      const pages = paginateDescribeLogGroups({ client }, asked);
      for await (const { logGroups = [] } of pagesOf(pages, 'nextToken', 'log groups')) {
        const found = logGroups.find(({ logGroupName }) => logGroupName === group.name);
        if (found) return found.logGroupArn ?? found.arn?.replace(/:\*$/, '');
      }
      return undefined;
    },
    signal,
  );
  if (arn !== undefined) return arn;
  throw noSuchGroup(group, await client.config.region());
}

export const noSuchGroup = ({ name }: LogGroup, region: string) =>
  new FlowlogError(
    `Log group ${name} not found in ${region}.`,
    "Check the name and the region (--region); 'aws logs describe-log-groups' lists the groups.",
  );
