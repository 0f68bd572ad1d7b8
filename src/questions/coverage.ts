import { UsageError } from '../errors.js';
import { parsed } from '../option.js';
import { parseDuration } from '../terminal/units.js';
import { gapCaveats, gapsBy, saidGaps } from './coverage-gaps.js';
import { type CoverageRequest, coverageQuery } from './coverage-query.js';
import { scopeOf, type TypedFilters } from './filters.js';
import type { Question } from './question.js';

interface CoverageOptions extends Omit<TypedFilters, 'by'> {
  readonly interface?: readonly string[];
  readonly interval?: '60' | '600';
  readonly by?: CoverageRequest['by'];
  readonly lateAfter: number;
}

/**
 * A row for each interface. A record of an interval without traffic (NODATA) covers it; one of skipped flows (SKIPDATA)
 * covers nothing. Time that no record covers is a gap, also before the first record and after the last one of a range.
 */
export const coverage: Question<CoverageRequest, CoverageOptions> = {
  name: 'coverage',
  summary: 'Is the record complete: gaps, skipped records and late files of each interface',
  options: [
    { flags: '--interface <id>', description: 'eni-… (repeatable; default: all)', many: 'list' },
    {
      flags: '--interval <seconds>',
      description: 'maximum aggregation interval (default: taken from the records)',
      choices: ['60', '600'],
    },
    {
      flags: '--by <what>',
      description: 'a row for each gap, or for each hour or day with gaps',
      choices: ['gap', 'hour', 'day'],
    },
    {
      flags: '--late-after <time>',
      description: 'delay after the end of a record that makes a file late',
      parse: parsed(parseDuration, 'It must be a duration, such as 20m or 1h.'),
      default: { value: 1200, text: '20m' },
    },
  ],
  fields: {
    required: ['start', 'end'],
    spare: ['log_status'],
    optional: ['interface_id', 'tgw_attachment_id'],
  },
  examples: [
    {
      about: 'Is the record of each interface complete?',
      line: 'flowlog coverage --logs ./my-logs',
    },
    {
      about: 'Which days of a month have no record, and for how long',
      line: 'flowlog coverage --by day --since 2026-06-01 --until 2026-07-01 --logs ./my-logs',
    },
    {
      about: 'One interface, on one day, of a flow log that aggregates over a minute',
      line: 'flowlog coverage --interface eni-0a1b2c3d --interval 60 --since 2026-06-01 --until 2026-06-02 --logs ./my-logs',
    },
  ],

  async request(options, asking) {
    const scope = await scopeOf(options, asking);
    const { until } = scope.range;
    return {
      ...scope,
      interfaces: [...new Set((options.interface ?? []).map(interfaceId))],
      interval: options.interval === undefined ? undefined : Number(options.interval),
      until: until === undefined ? undefined : Math.min(until, Math.floor(asking.now())),
      by: options.by,
      lateAfter: Math.floor(options.lateAfter),
    };
  },

  query: coverageQuery,
  finish(result, { by, zone, range }) {
    const said = saidGaps(result);
    return by === 'hour' || by === 'day' ? gapsBy(said, by, zone, range) : said;
  },
  picture: ({ by, range: { since }, until }) => ({
    title: 'Time without records',
    labels: ['interface_id', 'tgw_attachment_id', 'gap_start', ...(by === undefined ? [] : [by])],
    value: 'gap_s',
    unit: 'seconds',
    // Of one interface; an hour or day of all has no whole that is known.
    whole: by !== undefined || since === undefined || until === undefined ? undefined : until - since,
  }),
  caveats: gapCaveats,
};

/** An interface's id stands in the statement, and is letters, digits and hyphens: `eni-0a1b2c3d`. */
function interfaceId(text: string): string {
  if (/^[\w-]+$/.test(text)) return text;
  throw new UsageError(`'${text}' is not an interface id.`, 'Write an id, such as eni-0a1b2c3d.');
}
