import { protocols } from '../questions/protocols.js';
import { trafficCommand } from './traffic.js';

const EXAMPLES = `
  Of all traffic:
    $ flowlog protocols --logs ./my-logs

  Of a subnet, on one day:
    $ flowlog protocols --subnet 10.10.24.0/24 --since 2026-06-01 --until 2026-06-02 --logs ./my-logs
`;

export const protocolsCommand = trafficCommand({
  name: 'protocols',
  description: 'How much is IPv4 and IPv6, TCP, UDP, ICMP and others',
  examples: EXAMPLES,
  query: protocols,
});
