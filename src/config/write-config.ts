import { stringify } from 'smol-toml';

/** What a new configuration file says. */
export interface NewConfig {
  /** Settings by key, as the file has them. */
  readonly settings: ReadonlyMap<string, string | readonly string[]>;
  /** Blocks by name. */
  readonly networks: ReadonlyMap<string, readonly string[]>;
  /** Where the networks are from, in a few words. */
  readonly from: string | undefined;
}

/** The settings a new file speaks of, said or not, and an example of each. */
const SPOKEN_OF: ReadonlyArray<
  readonly [about: string, examples: ReadonlyArray<readonly [key: string, value: string]>]
> = [
  [
    'Where the logs are, for questions to files: folders, files, patterns; relative to this file.',
    [['logs', 'my-logs']],
  ],
  [
    'For questions to Athena: the table that create-table made, who asks, and where results go.',
    [
      ['table', 'network.vpc_flow_logs'],
      ['database', 'default'],
      ['workgroup', 'primary'],
      ['output-location', 's3://my-results/athena/'],
      ['region', 'ap-northeast-1'],
      ['profile', 'security'],
      ['role-arn', 'arn:aws:iam::123456789012:role/FlowLogs'],
      ['external-id', 'given-by-the-owner-of-the-role'],
      ['mfa-serial', 'arn:aws:iam::123456789012:mfa/jane'],
      ['max-scan', '50GB'],
    ],
  ],
  [
    "The bucket that logs are delivered to, for 'flowlog create-table' and 'flowlog policy'.",
    [['location', 's3://my-logs/']],
  ],
  ['The time zone for input and output.', [['tz', 'Asia/Tokyo']]],
  [
    'What is inside: blocks or networks. Without it, the /16 around the subnet that is asked about.',
    [['vpc', '10.10.0.0/16']],
  ],
];

/** The text of the file, with a comment to each part; what is not said stands in a comment as an example. */
export function configText({ settings, networks, from }: NewConfig): string {
  const parts = [
    "# Settings of flowlog. Each key is a long option, which overrides it; so does FLOWLOG_* in the environment.\n# 'flowlog config' shows what is in force, 'flowlog help config' tells the rest.\n",
  ];
  for (const [about, examples] of SPOKEN_OF) {
    const lines = examples.map(([key, example]) => {
      const value = settings.get(key);
      return value === undefined ? `# ${toml(key, example)}` : toml(key, value);
    });
    parts.push(`# ${about}\n${lines.join('')}`);
  }
  const list = [...networks].map(([name, blocks]) => toml(name, blocks)).join('');
  const source = from === undefined ? '' : `\n# From ${from}.`;
  parts.push(
    `# Networks by name: they stand wherever a block can, and beside addresses in answers.${source}\n[networks]\n` +
      (list || `# ${toml('sagemaker', '10.10.24.0/24')}`),
  );
  parts.push(
    '# Settings for a purpose, chosen with --use prod; they go before those above.\n# [profiles.prod]\n# workgroup = "security"\n',
  );
  return parts.join('\n');
}

/** A line of the file; one value of a list stands alone. */
function toml(key: string, value: string | readonly string[]): string {
  const values = typeof value === 'string' ? [value] : value;
  return `${stringify({ [key]: values.length === 1 ? values[0]! : [...values] }).trimEnd()}\n`;
}
