import { admin } from '../questions/admin.js';
import { trafficCommand } from './traffic.js';

const EXAMPLES = `
  Who used them, or tried to:
    $ flowlog admin --logs ./my-logs

  SSH and RDP only, and only what got through:
    $ flowlog admin --dst-port 22,3389 --action accept --logs ./my-logs
`;

export const adminCommand = trafficCommand({
  name: 'admin',
  description: 'Who uses SSH, RDP and other ways to manage machines',
  examples: EXAMPLES,
  query: admin,
});
