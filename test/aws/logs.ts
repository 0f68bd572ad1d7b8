import { AwsError, type FakeAws } from './server.js';

export interface EventFixture {
  readonly stream: string;
  /** Milliseconds. */
  readonly timestamp: number;
  readonly message: string;
}

export interface GroupFixture {
  readonly events: EventFixture[];
  readonly account?: string;
  readonly region?: string;
}

type Json = Readonly<Record<string, unknown>>;

/** Parameters of FilterLogEvents (CloudWatch Logs API Reference) that may be given here. */
const FILTER = new Set([
  ...['endTime', 'limit', 'logGroupIdentifier', 'logGroupName', 'logStreamNamePrefix'],
  ...['logStreamNames', 'nextToken', 'startTime'],
]);

/** CloudWatch Logs, as its API Reference has it. */
export class LogsService {
  readonly groups = new Map<string, GroupFixture>();
  /** Events in a page at most. The service: 10,000 events or 1 MB. */
  pageSize = 10_000;
  /** Pages without events before each one that has some: "partially full or empty pages" (FilterLogEvents). */
  emptyPages = 0;
  /** Whether tokens repeat. */
  repeats = false;
  /** Called for every call of FilterLogEvents, with their number. */
  onCall: (count: number) => void = () => {};
  private count = 0;
  /** Tokens that were given out, and where the next page begins. */
  private readonly tokens = new Map<string, { readonly from: number; readonly empty: number; key: string }>();

  constructor(private readonly aws: FakeAws) {}

  call(operation: string, input: Json, region: string): Json {
    if (operation === 'FilterLogEvents') return this.filterLogEvents(input, region);
    if (operation === 'DescribeLogGroups') return this.describeLogGroups(input, region);
    throw new AwsError('UnknownOperationException', '');
  }

  private arn(name: string): string {
    const { region = 'ap-northeast-1', account = '123456789012' } = this.groups.get(name) ?? {};
    return `arn:aws:logs:${region}:${account}:log-group:${name}`;
  }

  private filterLogEvents(input: Json, region: string): Json {
    const { logGroupName, logGroupIdentifier: arn, nextToken, limit, startTime, endTime } = input;
    const name = String(logGroupName ?? /:log-group:(.+)$/.exec(String(arn))?.[1] ?? arn);
    // The resource that IAM compares is the ARN with `:log-stream:`.
    this.aws.enter('FilterLogEvents', 'logs:FilterLogEvents', input, `${this.arn(name)}:log-stream:`);
    this.onCall(++this.count);
    const unknown = Object.keys(input).find((key) => !FILTER.has(key));
    if (unknown !== undefined) throw invalid(`unexpected parameter ${unknown}`);
    // "You must include either logGroupIdentifier or logGroupName, but not both."
    if ((logGroupName === undefined) === (arn === undefined)) {
      throw invalid('Exactly one of logGroupName and logGroupIdentifier is required');
    }
    // Valid range of limit: 1 to 10000.
    if (limit !== undefined && !(Number(limit) >= 1 && Number(limit) <= 10_000)) throw invalid('limit');
    for (const time of [startTime, endTime]) {
      if (time !== undefined && !(Number.isSafeInteger(time) && Number(time) >= 0)) throw invalid('time');
    }
    const group = this.groups.get(name);
    if (
      !group ||
      (group.region ?? 'ap-northeast-1') !== region ||
      (arn ?? this.arn(name)) !== this.arn(name)
    ) {
      throw new AwsError('ResourceNotFoundException', 'The specified log group does not exist.');
    }
    const { nextToken: _, ...others } = input;
    const key = JSON.stringify(others);
    const at = nextToken === undefined ? { from: 0, empty: 0, key } : this.tokens.get(String(nextToken));
    if (at?.key !== key) throw invalid('The specified nextToken is invalid.');
    const { logStreamNamePrefix: prefix = '' } = input as { logStreamNamePrefix?: string };
    // Both times are inclusive.
    const events = group.events
      .filter(({ timestamp }) => timestamp >= Number(startTime ?? 0))
      .filter(({ timestamp }) => timestamp <= Number(endTime ?? Number.POSITIVE_INFINITY))
      .filter(({ stream }) => stream.startsWith(prefix))
      .sort((a, b) => a.timestamp - b.timestamp);
    const isEmpty = at.empty < this.emptyPages;
    const to = isEmpty ? at.from : at.from + Math.min(Number(limit ?? 10_000), this.pageSize);
    const next = { from: to, empty: isEmpty ? at.empty + 1 : 0, key };
    const token = this.repeats ? 'again' : `token-${this.tokens.size}`;
    const isOver = to >= events.length && !this.repeats;
    if (!isOver) this.tokens.set(token, next);
    return {
      events: events.slice(at.from, to).map(({ stream, timestamp, message }, i) => ({
        eventId: String(at.from + i),
        ingestionTime: timestamp + 120_000,
        logStreamName: stream,
        message,
        timestamp,
      })),
      searchedLogStreams: [],
      ...(isOver ? {} : { nextToken: token }),
    };
  }

  private describeLogGroups(input: Json, region: string): Json {
    this.aws.enter('DescribeLogGroups', 'logs:DescribeLogGroups', input);
    const { logGroupNamePrefix: prefix = '' } = input as { logGroupNamePrefix?: string };
    const names = [...this.groups]
      .filter(([name, group]) => name.startsWith(prefix) && (group.region ?? 'ap-northeast-1') === region)
      .map(([name]) => name);
    return {
      logGroups: names.map((name) => ({
        logGroupName: name,
        // "The Amazon Resource Name (ARN) of the log group. This version of the ARN includes a trailing :*" (LogGroup).
        arn: `${this.arn(name)}:*`,
        logGroupArn: this.arn(name),
      })),
    };
  }
}

const invalid = (message: string) => new AwsError('InvalidParameterException', message);
