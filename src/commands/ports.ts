import { ports } from '../questions/ports.js';
import { trafficCommand } from './traffic.js';

const EXAMPLES = `
  What the notebooks serve and what they reach:
    $ flowlog ports --subnet 10.10.24.0/24 --logs ./my-logs

  The same as numbers, of what got through:
    $ flowlog ports --subnet 10.10.24.0/24 --action accept --format csv --logs ./my-logs
`;

export const portsCommand = trafficCommand({
  name: 'ports',
  description: 'Which ports a subnet serves, and which it reaches elsewhere',
  examples: EXAMPLES,
  query: ports,
  needsSubnet: true,
});
