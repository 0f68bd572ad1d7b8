import { protocolName } from '../flowlog/protocols.js';
import { cleanText } from '../names/clean-text.js';
import { plural } from '../terminal/units.js';
import { utcTime } from '../time/zone.js';
import { VERSION } from '../version.js';
import { breaksClosure, exceptionKey, exceptionTitle } from './exception-words.js';
import type { AuditFacts, Exception } from './facts.js';
import { uuidOf } from './uuid.js';

/** Names of properties that are not OSCAL's own stand in a namespace. */
const NAMESPACE = 'urn:flowlog:audit';
/** Boundary protection, NIST SP 800-53, revision 5. */
const CONTROL = 'sc-7';

export interface OscalOptions {
  /** SHA-256 of `allow.toml` and `report.json` of the pack. */
  readonly allowDigest: string;
  readonly reportDigest: string;
  /** Unix seconds of the run. */
  readonly at: number;
}

/**
 * The facts as OSCAL assessment results (NIST OSCAL 1.2). There is no state between satisfied and not satisfied: what makes the
 * record incomplete is an observation, and a verdict that cannot be said has no finding.
 */
export function oscalJson(facts: AuditFacts, { allowDigest, reportDigest, at }: OscalOptions): unknown {
  const { verdict, period, scope, exceptions, reasons, assumed, limits, records } = facts;
  const uuid = uuidOf('oscal', reportDigest, allowDigest, at);
  const within = (...name: unknown[]) => uuidOf(uuid, ...name);
  const plan = within('plan');
  const evidence = (href: string, description: string) => [{ href, description }];
  const observed = { methods: ['TEST'], collected: utcTime(at) };
  const overall = {
    uuid: within('verdict'),
    title: `Verdict: ${verdict}`,
    description: `${plural(records, 'record')} of VPC flow logs were compared with the allow-list: ${plural(
      exceptions.filter(breaksClosure).length,
      'flow',
    )} left that no entry allows, and ${plural(reasons.length, 'reason')} why the record is incomplete.`,
    props: properties({
      verdict,
      subnets: scope.subnets.join(', '),
      vpc: scope.vpc.join(', '),
      exclude: scope.exclude.join(', '),
      assumed: assumed.join(', '),
    }),
    types: ['control-objective'],
    ...observed,
    'relevant-evidence': evidence('report.json', 'Everything that the audit found.'),
    ...(limits.length === 0 ? {} : { remarks: limits.join('\n\n') }),
  };
  const ofExceptions = exceptions.map((each) => ({
    uuid: within(...exceptionKey(facts, each)),
    title: exceptionTitle(each),
    description: `${plural(each.flows, 'flow')}, ${plural(each.packets, 'packet')}, ${plural(each.bytes, 'byte')}, from ${utcTime(each.first)} to ${utcTime(each.last)}.`,
    props: exceptionProperties(each),
    types: [breaksClosure(each) ? 'finding' : 'discovery'],
    ...observed,
    'relevant-evidence': evidence('exceptions.csv', 'All flows that no entry allows.'),
  }));
  const ofReasons = reasons.map(({ code, what, settle }, index) => ({
    uuid: within('reason', index, code, what),
    title: `The record is incomplete: ${code}`,
    description: `${what}\n\n${settle}`,
    props: properties({ reason: code }),
    types: ['discovery'],
    ...observed,
    'relevant-evidence': evidence('coverage.csv', 'What was recorded of each interface.'),
  }));
  const breaking = ofExceptions.filter((_, index) => breaksClosure(exceptions[index]!));
  const finding = {
    uuid: within('finding'),
    title: overall.title,
    description: overall.description,
    target: {
      type: 'objective-id',
      'target-id': `${CONTROL}_obj`,
      status: { state: verdict === 'closed' ? 'satisfied' : 'not-satisfied' },
      remarks: 'Assessed is only what left the scope in this period, as VPC flow logs recorded it.',
    },
    'related-observations': [overall, ...breaking].map((each) => ({ 'observation-uuid': each.uuid })),
  };
  return {
    'assessment-results': {
      uuid,
      metadata: {
        title: 'Audit of outgoing network traffic',
        'last-modified': utcTime(at),
        version: '1',
        'oscal-version': '1.2.1',
        remarks: `Written by flowlog ${VERSION}.`,
      },
      'import-ap': { href: `#${plan}` },
      results: [
        {
          uuid: within('result'),
          title: 'Was the network closed?',
          description: 'VPC flow logs compared with an allow-list of what may leave.',
          start: utcTime(period.since),
          end: utcTime(period.until),
          'reviewed-controls': {
            'control-selections': [{ 'include-controls': [{ 'control-id': CONTROL }] }],
          },
          observations: [overall, ...ofExceptions, ...ofReasons],
          ...(verdict === 'cannot be said' ? {} : { findings: [finding] }),
        },
      ],
      'back-matter': {
        resources: [
          {
            uuid: plan,
            title: 'Allow-list',
            description: 'There is no assessment plan in OSCAL. The audit judges by this allow-list.',
            rlinks: [{ href: 'allow.toml', hashes: [{ algorithm: 'SHA-256', value: allowDigest }] }],
          },
        ],
      },
    },
  };
}

function exceptionProperties(each: Exception) {
  const { kind, srcaddr, srcName, dstaddr, dstName, dstKind, protocol, port, action, way, leaves, nearly } =
    each;
  return properties({
    kind,
    srcaddr,
    'src-name': srcName,
    dstaddr,
    'dst-name': dstName,
    'dst-kind': dstKind,
    protocol: protocol === null ? null : protocolName(protocol),
    port,
    action,
    way,
    leaves,
    flows: each.flows,
    packets: each.packets,
    bytes: each.bytes,
    nearly,
  });
}

/** A value is one line and not empty (OSCAL's StringDatatype). */
function properties(values: Readonly<Record<string, string | number | null | undefined>>) {
  return Object.entries(values).flatMap(([name, value]) => {
    const text = value === null || value === undefined ? '' : cleanText(String(value), 2_000);
    return text === '' ? [] : [{ name, ns: NAMESPACE, value: text }];
  });
}
