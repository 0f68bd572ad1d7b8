import { AddressMap } from '../net/address-map.js';

/** What kind of address it is, by its number alone. */
export type AddressClass =
  | 'private'
  | 'shared'
  | 'link-local'
  | 'loopback'
  | 'multicast'
  | 'broadcast'
  | 'documentation'
  | 'benchmarking'
  | 'translation'
  | 'reserved'
  | 'unspecified'
  | 'public';

/**
 * IANA IPv4 and IPv6 Special-Purpose Address Registries, the multicast registries, and the IPv6 address space registry
 * (global unicast is 2000::/3). Blocks in them that are globally reachable count as public.
 */
const CLASSES: Readonly<Record<AddressClass, readonly string[]>> = {
  private: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
  shared: ['100.64.0.0/10'],
  'link-local': ['169.254.0.0/16', 'fe80::/10'],
  loopback: ['127.0.0.0/8', '::1'],
  multicast: ['224.0.0.0/4', 'ff00::/8'],
  broadcast: ['255.255.255.255'],
  documentation: ['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24', '2001:db8::/32', '3fff::/20'],
  benchmarking: ['198.18.0.0/15', '2001:2::/48'],
  translation: ['::ffff:0:0/96', '64:ff9b:1::/48', '2001::/32', '2002::/16', '192.88.99.0/24'],
  reserved: [
    ...['0.0.0.0/8', '192.0.0.0/24', '240.0.0.0/4'],
    ...['::/0', '100::/64', '100:0:0:1::/64', '2001::/23', '2001:10::/28', '5f00::/16'],
  ],
  unspecified: ['0.0.0.0', '::'],
  public: [
    ...['0.0.0.0/0', '192.0.0.9', '192.0.0.10'],
    ...['2000::/3', '64:ff9b::/96', '2001:1::1', '2001:1::2', '2001:1::3'],
    ...['2001:3::/32', '2001:4:112::/48', '2001:20::/28', '2001:30::/28'],
  ],
};

const classes = AddressMap.builder<AddressClass>();
for (const [name, blocks] of Object.entries(CLASSES)) {
  for (const block of blocks) classes.add(block, name as AddressClass);
}
const CLASS_OF = classes.build();

/** The class of an address given as text; undefined where the text is not an address. */
export const classOf = (address: string): AddressClass | undefined => CLASS_OF.get(address);

/**
 * Addresses that every VPC has for itself (Amazon EC2 User Guide: instance metadata, time sync; Amazon VPC User Guide: Amazon
 * DNS server; Amazon ECS and EKS guides: credentials of tasks and pods).
 */
const LOCAL_SERVICES = new Map([
  ['169.254.169.254', 'instance metadata'],
  ['fd00:ec2::254', 'instance metadata'],
  ['169.254.169.253', 'Amazon DNS server'],
  ['fd00:ec2::253', 'Amazon DNS server'],
  ['169.254.169.123', 'Amazon Time Sync'],
  ['fd00:ec2::123', 'Amazon Time Sync'],
  ['169.254.170.2', 'ECS task credentials'],
  ['169.254.170.23', 'EKS pod credentials'],
  ['fd00:ec2::23', 'EKS pod credentials'],
]);

export const localService = (address: string): string | undefined => LOCAL_SERVICES.get(address);
