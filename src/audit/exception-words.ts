import { protocolName } from '../flowlog/protocols.js';
import type { AuditFacts, Exception, ExceptionKind } from './facts.js';

/** What a kind of exception is, as the title of a finding. */
const TITLES: Readonly<Record<ExceptionKind, string>> = {
  leak: 'Traffic left without permission',
  reply: 'Reply to a connection from outside, without permission',
  undecided: 'Reply or new connection, without permission',
  attempt: 'Attempt to leave without permission',
};

/** One line. Only addresses and numbers: nothing in it can be markup. */
export function exceptionTitle({ kind, srcaddr, dstaddr, protocol, port }: Exception): string {
  const service = [protocol === null ? [] : [protocolName(protocol)], port === null ? [] : [`port ${port}`]];
  const words = service.flat().join(' ');
  return `${TITLES[kind]}: ${srcaddr} to ${dstaddr}${words === '' ? '' : `, ${words}`}`;
}

/** What tells an exception from all others, of this audit and of others. */
export function exceptionKey({ scope, period }: AuditFacts, each: Exception): readonly unknown[] {
  const { kind, srcaddr, dstaddr, protocol, port, action, way, nearly } = each;
  return [scope, period, kind, srcaddr, dstaddr, protocol, port, action, way, nearly];
}

/** Whether the network is not closed because of it. */
export const breaksClosure = ({ kind }: Exception): boolean => kind === 'leak' || kind === 'reply';
