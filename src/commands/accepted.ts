import { accepted } from '../questions/accepted.js';
import { trafficCommand } from './traffic.js';

const EXAMPLES = `
  What was let through to and from a subnet, largest first:
    $ flowlog accepted --subnet 10.10.24.0/24 --logs ./my-logs

  TCP by destination port:
    $ flowlog accepted --protocol tcp --by dstport --logs ./my-logs
`;

export const acceptedCommand = trafficCommand({
  name: 'accepted',
  description: 'What was let through, to which port',
  examples: EXAMPLES,
  query: accepted,
  ofOneAction: true,
  usualBy: 'srcaddr,dstaddr,dstport,protocol',
});
