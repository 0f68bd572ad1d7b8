import { UsageError } from '../errors.js';
import { columnOf } from '../flowlog/fields.js';
import { type OptionSpec, parsed, settingSpec } from '../option.js';
import { sql } from '../sql/sql.js';
import { fieldColumn, requireField } from './columns.js';
import { holds } from './conditions.js';
import { countOnce } from './count-once.js';
import { filterOptions, scopeOf, type TypedFilters } from './filters.js';
import { epochKey } from './flows.js';
import type { Question } from './question.js';
import { Records, type Scope } from './scope.js';
import { descending, grouped, sums, type Valued } from './shapes.js';

/** USD for a GB of 10^9 bytes. */
export interface Prices {
  /** What a NAT gateway processed, in either direction. */
  readonly nat: number;
  /** What crossed zones, at each of its two ends. */
  readonly zone: number;
}

/** Which bytes are paid for that need not be? */
export interface CostsRequest extends Scope {
  readonly by: readonly string[];
  readonly prices: Prices;
  readonly epochs?: readonly number[];
}

interface CostsOptions extends TypedFilters {
  readonly natPrice: number;
  readonly zonePrice: number;
}

/** What the answer can be summed by. */
export const COST_KEYS = ['charge', 'service', 'via', 'address', 'from_zone', 'to_zone'] as const;
const BY = ['charge', 'service', 'via', 'from_zone', 'to_zone'];

/** What tells the charge, where it is recorded. */
export const COST_FIELDS: readonly string[] = [
  ...['srcaddr', 'dstaddr', 'pkt_srcaddr', 'pkt_dstaddr', 'pkt_src_aws_service', 'pkt_dst_aws_service'],
  ...['interface_id', 'interface_type', 'instance_id', 'resource_id', 'vpc_id', 'region', 'az_id'],
  ...['flow_direction', 'next_hop_az_id', 'next_hop_interface_type'],
];

/** List prices of us-east-1, as third parties gave them in 2026. */
export const DEFAULT_PRICES: Prices = { nat: 0.045, zone: 0.01 };

const price = (flags: string, description: string, value: number): OptionSpec =>
  settingSpec(flags, description, {
    default: { value },
    parse: parsed(
      (text) => (/^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined),
      'It must be a number of dollars.',
    ),
  });

/**
 * The charge is told when the rows are here. A NAT gateway's own records say what it processed, which sums of other questions
 * leave out as repeats: so the rows come with whether they repeat others.
 */
export const costs: Question<CostsRequest, CostsOptions> = {
  name: 'costs',
  summary: 'What NAT gateways carried to S3 and DynamoDB, and what crossed zones, in dollars',
  options: [
    price('--nat-price <usd>', 'price of a GB through a NAT gateway', DEFAULT_PRICES.nat),
    price('--zone-price <usd>', 'price of a GB across zones, each way', DEFAULT_PRICES.zone),
    {
      flags: '--by <columns>',
      description: `aggregate by some of ${COST_KEYS.join(',')} (default: all but address)`,
      many: 'list',
    },
    ...filterOptions({ action: false }),
  ],
  fields: {
    required: ['srcaddr', 'dstaddr', 'bytes'],
    spare: ['packets', 'start', 'end'],
    optional: [...COST_FIELDS, 'action', 'log_status'],
  },
  bothLevels: true,
  examples: [
    {
      about: 'What a gateway endpoint would carry for nothing, and what crosses zones',
      line: 'flowlog costs --logs ./my-logs --inventory ./my-names/inventory',
    },
    {
      about: 'Whose traffic it is, at the prices of another region',
      line: 'flowlog costs --by charge,service,address --nat-price 0.062 --logs ./my-logs',
    },
  ],
  notes: ({ prices: { nat, zone } }) => [
    `Estimated at $${nat} for a GB through a NAT gateway (--nat-price) and $${zone} for a GB across zones, each way (--zone-price).`,
  ],

  async request({ natPrice, zonePrice, ...options }, asking) {
    const by = [...new Set((options.by ?? BY).map(columnOf))];
    const wrong = by.find((name) => !(COST_KEYS as readonly string[]).includes(name));
    if (wrong !== undefined)
      throw new UsageError(`--by '${wrong}' is not a column of costs.`, `Use ${COST_KEYS.join(', ')}.`);
    return { ...(await scopeOf(options, asking)), by, prices: { nat: natPrice, zone: zonePrice } };
  },

  query(request, source) {
    const given = new Records(source, 'costs');
    const status = given.optional('log_status');
    const match = [
      ...given.notRefused(),
      ...(status ? [holds(sql`coalesce(${status} <> 'NODATA', true)`)] : []),
    ];
    const once = countOnce(request, given, () => match);
    const marked = once.records !== given;
    const records = marked ? new Records({ ...once.records.source, where: [] }, 'costs') : given;
    const keys = COST_FIELDS.filter((name) => records.optional(name)).map((name): Valued => {
      const field = requireField(name, source, 'costs');
      return { column: fieldColumn(field), value: records.value(name) };
    });
    const repeated = sql`CASE WHEN once_repeats THEN 1 ELSE 0 END`;
    return grouped({ ...request, keepRepeats: true }, records, {
      match: once.match,
      keys: [
        ...keys,
        ...(marked ? [{ column: { name: 'repeated', type: 'integer' } as const, value: repeated }] : []),
        ...epochKey(request, records),
      ],
      measures: sums(request, records),
      order: [descending('bytes')],
    });
  },
};
