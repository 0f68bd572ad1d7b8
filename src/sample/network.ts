/**
 * A closed SageMaker VPC: notebooks in one subnet, WorkSpaces in two, interface endpoints, a NAT gateway. Addresses
 * outside it are of the ranges set aside for documentation (RFC 5737, RFC 3849).
 */

/** A network interface and what a record says of it. */
export interface Interface {
  readonly id: string;
  readonly address: string;
  readonly address6: string;
  readonly subnet: string;
  readonly instance: string;
  readonly type: string;
}

export interface Network {
  readonly vpc: string;
  readonly notebooks: readonly Interface[];
  /** The last part of the first notebook's address. */
  readonly firstNotebook: number;
  /** The few notebooks that reach out. */
  readonly restless: readonly Interface[];
  readonly workspaces: readonly Interface[];
  readonly endpoints: readonly Interface[];
  readonly nat: Interface;
}

/** Notebooks, by last part of their address, that do what a closed network should not let them do. */
export const RESTLESS = { browser: 17, uploader: 41, beacon: 66, ipv6: 90 } as const;

const FIRST_NOTEBOOK = 10;

const hex = (n: number, width: number) => (n >>> 0).toString(16).padStart(width, '0');

/** @param salt tells the networks of several accounts and Regions apart: same addresses, other ids */
export function network(salt: number): Network {
  // In 32 bits: as a product of two such numbers it would lose its last digits, which tell ids apart.
  const base = Math.imul(salt, 0x9e3779b1);
  const make = (third: number, host: number, kind: 'i' | '-', type = '-'): Interface => ({
    id: `eni-0${hex(salt * 0x9e3779b1 + third * 65_537, 8)}${hex(host * 0x85ebca6b, 8)}`,
    address: `10.10.${third}.${host}`,
    address6: `2001:db8:1234:1a${hex(third, 2)}::${hex(host, 1)}`,
    subnet: `subnet-0${hex(base + third, 16)}`,
    instance: kind === 'i' ? `i-0${hex(base + third * 256 + host, 16)}` : '-',
    type,
  });
  const many = (third: number, from: number, count: number, kind: 'i' | '-', type?: string) =>
    Array.from({ length: count }, (_, i) => make(third, from + i, kind, type));
  const notebooks = many(24, FIRST_NOTEBOOK, 90, 'i');
  const at = (host: number) => notebooks[host - FIRST_NOTEBOOK]!;
  return {
    vpc: `vpc-0${hex(salt * 0x9e3779b1, 16)}`,
    notebooks,
    firstNotebook: FIRST_NOTEBOOK,
    restless: [at(RESTLESS.browser), at(RESTLESS.uploader), at(RESTLESS.beacon), at(RESTLESS.ipv6)],
    workspaces: [...many(2, 20, 60, 'i'), ...many(3, 20, 60, 'i')],
    endpoints: many(40, 11, 8, '-', 'vpc_endpoint'),
    nat: make(0, 220, '-', 'nat_gateway'),
  };
}

export const OUTSIDE = {
  sites: ['203.0.113.10', '203.0.113.25', '198.51.100.7', '192.0.2.80'],
  uploadTo: '198.51.100.200',
  beaconTo: '192.0.2.66',
  site6: '2001:db8:ffff::50',
  scanner: '198.51.100.99',
  strangers: ['203.0.113.150', '203.0.113.201', '192.0.2.14'],
} as const;

/** Services of AWS, in flows that are written with the names of addresses only. */
export const AWS = {
  s3: '198.51.100.32/28',
  dynamodb: '198.51.100.48/28',
  bucket: '198.51.100.40',
  strangersBucket: '198.51.100.41',
  tables: '198.51.100.52',
} as const;
