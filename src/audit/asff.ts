import { isIPv6 } from 'node:net';
import { UsageError } from '../errors.js';
import { protocolName } from '../flowlog/protocols.js';
import { checkAccount, checkRegion, partitionOf } from '../flowlog/table.js';
import { cleanText } from '../names/clean-text.js';
import { plural } from '../terminal/units.js';
import { utcTime } from '../time/zone.js';
import { VERSION } from '../version.js';
import { exceptionKey, exceptionTitle } from './exception-words.js';
import type { AuditFacts, Exception, ExceptionKind, Verdict } from './facts.js';
import { uuidOf } from './uuid.js';

/** Findings of one call of BatchImportFindings (AWS Security Hub API Reference). */
export const MOST_FINDINGS = 100;
/** Resources of one finding (AWS Security Finding Format). */
const MOST_RESOURCES = 32;
const MOST_FIELDS = 50;
const LONGEST = { title: 256, description: 1_024, field: 2_048 };

/** To whose Security Hub findings go. */
export interface SecurityHub {
  readonly account: string;
  readonly region: string;
}

/** @throws UsageError for what is not `123456789012:ap-northeast-1` */
export function parseSecurityHub(text: string): SecurityHub {
  const [, account, region] = /^(\d{12}):(\S+)$/.exec(text) ?? [];
  if (account === undefined || region === undefined) {
    throw new UsageError(
      `--security-hub: '${text}' is not ACCOUNT:REGION.`,
      'Write it as 123456789012:ap-northeast-1.',
    );
  }
  return { account: checkAccount(account), region: checkRegion(region) };
}

const SEVERITY: Readonly<Record<ExceptionKind, string>> = {
  leak: 'HIGH',
  reply: 'MEDIUM',
  undecided: 'LOW',
  attempt: 'INFORMATIONAL',
};

/** `WARNING`: some information is missing. */
const BY_VERDICT: Readonly<Record<Verdict, { severity: string; status: string }>> = {
  closed: { severity: 'INFORMATIONAL', status: 'PASSED' },
  'not closed': { severity: 'HIGH', status: 'FAILED' },
  'cannot be said': { severity: 'MEDIUM', status: 'WARNING' },
};

/**
 * The facts as findings of AWS Security Hub (AWS Security Finding Format): the verdict, and each exception. The same exception
 * of the same period has the same id in every run, so that a later import updates it.
 *
 * @param at Unix seconds of the run
 */
export function asffFindings(facts: AuditFacts, hub: SecurityHub, at: number): readonly unknown[] {
  const { account, region } = hub;
  const partition = partitionOf(region);
  const common = (name: readonly unknown[]) => ({
    SchemaVersion: '2018-10-08',
    Id: `flowlog-audit/${uuidOf('asff', account, region, ...name)}`,
    ProductArn: `arn:${partition}:securityhub:${region}:${account}:product/${account}/default`,
    Region: region,
    GeneratorId: 'flowlog-audit',
    AwsAccountId: account,
    CreatedAt: utcTime(at),
    UpdatedAt: utcTime(at),
    RecordState: 'ACTIVE',
  });
  const resource = (id: string) => ({ Type: 'Other', Id: id, Partition: partition, Region: region });
  const { verdict, period, scope, reasons } = facts;
  const { severity, status } = BY_VERDICT[verdict];
  const count = facts.exceptions.length;
  return [
    {
      ...common(['verdict', scope, period]),
      Types: ['Software and Configuration Checks/AWS Security Best Practices'],
      FirstObservedAt: utcTime(period.since),
      LastObservedAt: utcTime(period.until),
      Severity: { Label: severity },
      Title: `Audit of outgoing network traffic: ${verdict}`,
      Description: cleanText(
        [
          `${plural(facts.records, 'record')} of VPC flow logs were compared with the allow-list; ${plural(count, 'exception')}.`,
          ...reasons.map(({ what }) => what),
        ].join(' '),
        LONGEST.description,
      ),
      ProductFields: fields([
        ['flowlog/version', VERSION],
        ['flowlog/verdict', verdict],
        ['flowlog/assumed', facts.assumed.join(', ')],
        ...reasons.map(({ code, what }, i): [string, string] => [`flowlog/reason-${i + 1}/${code}`, what]),
      ]),
      Resources: scope.subnets.slice(0, MOST_RESOURCES).map(resource),
      Compliance: { Status: status },
    },
    ...facts.exceptions.map((each) => ({
      ...common(exceptionKey(facts, each)),
      Types: ['Unusual Behaviors/Network Flow'],
      FirstObservedAt: utcTime(each.first),
      LastObservedAt: utcTime(each.last),
      Severity: { Label: SEVERITY[each.kind] },
      Title: cleanText(exceptionTitle(each), LONGEST.title),
      Description: cleanText(
        `${plural(each.flows, 'flow')}, ${plural(each.packets, 'packet')}, ${plural(each.bytes, 'byte')} by ${each.way}. ${each.nearly ?? 'No entry of the allow-list matches.'}`,
        LONGEST.description,
      ),
      ProductFields: fields([
        ['flowlog/kind', each.kind],
        ['flowlog/action', each.action],
        ['flowlog/way', each.way],
        ['flowlog/leaves', each.leaves],
        ['flowlog/source-name', each.srcName],
        ['flowlog/destination-name', each.dstName],
        ['flowlog/destination-kind', each.dstKind],
        ['flowlog/flows', String(each.flows)],
        ['flowlog/bytes', String(each.bytes)],
      ]),
      Network: network(each),
      Resources: [resource(each.srcaddr)],
    })),
  ];
}

/** Files of at most as many findings as one call takes: `asff-1.json` … */
export function asffFiles(facts: AuditFacts, hub: SecurityHub, at: number): Map<string, readonly unknown[]> {
  const findings = asffFindings(facts, hub, at);
  const files = new Map<string, readonly unknown[]>();
  for (let from = 0; from < findings.length; from += MOST_FINDINGS) {
    files.set(`asff-${from / MOST_FINDINGS + 1}.json`, findings.slice(from, from + MOST_FINDINGS));
  }
  return files;
}

function network({ srcaddr, dstaddr, protocol, port }: Exception) {
  const address = (side: 'Source' | 'Destination', text: string) => ({
    [`${side}Ip${isIPv6(text) ? 'V6' : 'V4'}`]: text,
  });
  return {
    Direction: 'OUT',
    ...(protocol === null ? {} : { Protocol: protocolName(protocol) }),
    ...address('Source', srcaddr),
    ...address('Destination', dstaddr),
    ...(port === null ? {} : { DestinationPort: port }),
  };
}

/** Values may not be empty. */
function fields(pairs: ReadonlyArray<readonly [string, string | null | undefined]>): Record<string, string> {
  const kept = pairs.flatMap(([name, value]) => {
    const text = cleanText(value ?? '', LONGEST.field);
    return text === '' ? [] : [[name, text] as const];
  });
  return Object.fromEntries(kept.slice(0, MOST_FIELDS));
}
