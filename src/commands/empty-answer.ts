import type { RunOptions, Session } from '../engines/engine.js';
import type { Cidr } from '../net/cidr.js';
import { type End, type Overview, overviewQuery, readOverview } from '../questions/overview.js';
import { queryOf } from '../questions/query-of.js';
import type { Question } from '../questions/question.js';
import type { Scope } from '../questions/scope.js';
import { grouped, plural } from '../terminal/units.js';
import type { Unseen } from '../whose/unseen.js';

/** Blocks that are listed. */
const LISTED = 5;

const SILENT: RunOptions = { onProgress: () => {}, onNote: () => {} };

/** Amazon VPC User Guide, "Flow log limitations". */
export const NOTHING_FOUND =
  'Nothing found. Flow logs never record traffic to the Amazon DNS server, instance metadata, time sync, DHCP and Windows activation.';

/** What to say of an answer without rows: nothing of the network, where too little is known for it to mean anything. */
export const whenNothing =
  (missing: Unseen, notes: () => Promise<readonly string[]>) => async (): Promise<readonly string[]> =>
    missing.notes.length > 0
      ? ['No row, but that proves nothing: what is missing was said before.']
      : notes();

/** What the logs show though the answer is empty: so that a mistyped subnet never looks like a clean answer. */
export async function emptyAnswerNotes(
  session: Session,
  question: Question,
  request: Scope,
): Promise<string[]> {
  if (session.billed) return [NOTHING_FOUND, ...billedEmptyNotes(request)];
  const asked = blocksAsked(request);
  const end: End = question.name === 'ingress' ? 'dstaddr' : 'srcaddr';
  const run = await session.run(overviewQuery(request, end, session.source), SILENT);
  const overview = await readOverview(run.result.rows(), asked);
  return [
    NOTHING_FOUND,
    ...overviewNotes(overview, end, asked),
    ...(await packetNotes(session, question, request)),
  ];
}

/** The same where another query would be billed: then the command is named that would tell. */
export const billedEmptyNotes = (request: Scope): string[] =>
  blocksAsked(request).length === 0
    ? []
    : ["Whether the table has these addresses at all, 'flowlog talkers' over the same range tells."];

function blocksAsked(request: Scope): readonly Cidr[] {
  const { subnets = [], addresses = [] } = request as {
    subnets?: readonly Cidr[];
    addresses?: readonly Cidr[];
  };
  return [...subnets, ...addresses];
}

function overviewNotes(
  { records, first, last, blocks, hasAsked, nearest }: Overview,
  end: End,
  asked: readonly Cidr[],
): string[] {
  if (records === 0) return ['The logs have no records in this range.'];
  const time = (iso: string) => iso.slice(0, 19).replace('T', ' ');
  const span = first && last ? `, from ${time(first)} to ${time(last)}` : '';
  const lines = [`Read ${plural(records, 'record')}${span}.`];
  const role = end === 'srcaddr' ? 'source' : 'destination';
  const most = blocks.slice(0, LISTED).map((block) => `${block.text} (${grouped(block.records)})`);
  const more = blocks.length > LISTED ? `, and ${grouped(blocks.length - LISTED)} more` : '';
  if (most.length > 0) lines.push(`Their ${role} subnets: ${most.join(', ')}${more}.`);
  if (asked.length > 0 && !hasAsked) {
    const near = nearest ? ` The nearest is ${nearest}.` : '';
    lines.push(`None has a ${role} in ${asked.map(({ text }) => text).join(', ')}.${near}`);
  }
  return lines;
}

/** Records that match by the addresses in their packets alone: of pods, and through NAT gateways. */
async function packetNotes(session: Session, question: Question, request: Scope): Promise<string[]> {
  const { source } = session;
  if (request.packetLevel || question.bothLevels || !source.fields.has('pkt_dstaddr')) return [];
  const { query } = queryOf(question, { ...request, packetLevel: true, limit: undefined }, source);
  const { result } = await session.run(query, SILENT);
  const { rows } = await result.totals();
  if (rows === 0) return [];
  const what = query.weight === undefined ? plural(rows, 'record') : plural(rows, 'row');
  return [`By the addresses in the packets the answer has ${what}: add --packet-level (pods, NAT gateways).`];
}
