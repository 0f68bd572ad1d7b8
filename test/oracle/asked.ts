/** What is asked, in the words of the command line: a list for an option that may be given several times. */
export interface Asked {
  readonly question: string;
  /** Addresses, for `trace`. */
  readonly words: readonly string[];
  readonly options: Options;
}

export interface Options {
  readonly tz: string;
  readonly since?: string;
  readonly until?: string;
  readonly limit?: string;
  readonly subnet?: readonly string[];
  readonly vpc?: readonly string[];
  readonly exclude?: readonly string[];
  readonly to?: readonly string[];
  readonly via?: readonly string[];
  readonly action?: string;
  readonly protocol?: readonly string[];
  readonly dstPort?: readonly string[];
  readonly hours?: string;
  readonly where?: readonly string[];
  readonly packetLevel?: boolean;
  readonly countAllRecords?: boolean;
  readonly initiated?: boolean;
  readonly egress?: boolean;
  readonly spread?: boolean;
  readonly rare?: boolean;
  readonly by?: readonly string[];
  readonly columns?: readonly string[];
  readonly every?: 'minute' | 'hour' | 'day';
  readonly minPorts?: string;
  readonly minHosts?: string;
  readonly within?: string;
  readonly minContacts?: string;
  readonly maxJitter?: string;
  readonly maxBytes?: string;
  readonly minScore?: string;
  readonly before?: string;
  readonly interval?: '60' | '600';
  readonly interface?: readonly string[];
}

/** As typed. */
export function commandLine({ question, words, options }: Asked): string[] {
  const typed = Object.entries(options).flatMap(([name, value]: [string, unknown]) => {
    const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    if (value === undefined || value === false) return [];
    if (value === true) return [flag];
    return (Array.isArray(value) ? value : [value]).flatMap((each: string) => [flag, each]);
  });
  return [question, ...words, ...typed];
}
