import type { DnsQuery } from './resolver-logs.js';

/** A name that was asked for, and when. */
export interface AskedName {
  readonly name: string;
  /** Unix seconds of the query. */
  readonly time: number;
}

interface Answer extends AskedName {
  readonly vpc: string | undefined;
  readonly host: string | undefined;
}

/**
 * The names that hosts asked for, by the addresses they were answered with. The name is the one that was asked for, whatever
 * other names the answer went through.
 */
export class DnsNames {
  private readonly answers = new Map<string, Answer[]>();
  private sorted = true;

  add({ addresses, name, time, vpc, host }: DnsQuery): void {
    for (const address of addresses) {
      const known = this.answers.get(address);
      const answer = { name, time, vpc, host };
      if (known) known.push(answer);
      else this.answers.set(address, [answer]);
    }
    this.sorted = false;
  }

  get isEmpty(): boolean {
    return this.answers.size === 0;
  }

  /**
   * The latest answer not later than the time: to that host, else to its VPC, else to anybody where neither is known.
   * Undefined where nobody there had asked.
   */
  nameOf(
    address: string,
    at: number | undefined,
    { vpcId, host }: { readonly vpcId?: string | undefined; readonly host?: string | undefined } = {},
  ): AskedName | undefined {
    const answers = this.answers.get(address);
    if (!answers) return undefined;
    this.sort();
    let ofVpc: AskedName | undefined;
    for (let i = answers.length - 1; i >= 0; i--) {
      const answer = answers[i]!;
      if (at !== undefined && answer.time > at) continue;
      if (vpcId !== undefined && answer.vpc !== undefined && answer.vpc !== vpcId) continue;
      if (host === undefined || answer.host === host) return answer;
      ofVpc ??= answer;
    }
    return ofVpc;
  }

  /** All names that were answered with the address, the last one first, and by whom. */
  all(address: string): Array<AskedName & { readonly detail: string }> {
    this.sort();
    const names = new Map<string, { last: Answer; hosts: Set<string | undefined> }>();
    for (const answer of this.answers.get(address) ?? []) {
      const known = names.get(answer.name);
      if (known) known.last = answer;
      const entry = known ?? { last: answer, hosts: new Set() };
      entry.hosts.add(answer.host);
      names.set(answer.name, entry);
    }
    return [...names.values()]
      .sort((a, b) => b.last.time - a.last.time)
      .map(({ last: { name, time, host = 'an unknown host' }, hosts }) => ({
        name,
        time,
        detail: hosts.size === 1 ? `asked by ${host}` : `asked by ${hosts.size} hosts, last by ${host}`,
      }));
  }

  private sort(): void {
    if (this.sorted) return;
    for (const list of this.answers.values()) list.sort((a, b) => a.time - b.time);
    this.sorted = true;
  }
}
