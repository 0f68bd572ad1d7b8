import { rejected } from '../questions/rejected.js';
import { trafficCommand } from './traffic.js';

const EXAMPLES = `
  Who was refused, most often first:
    $ flowlog rejected --logs ./my-logs

  Which ports of the WorkSpaces were tried in vain:
    $ flowlog rejected --subnet 10.10.2.0/23 --by dstport,protocol --logs ./my-logs
`;

export const rejectedCommand = trafficCommand({
  name: 'rejected',
  description: 'Who was refused, at which port, when first and last',
  examples: EXAMPLES,
  query: rejected,
  ofOneAction: true,
  usualBy: 'srcaddr,dstaddr,dstport,protocol',
});
