import { AWS, type Network, RESTLESS } from './network.js';
import type { Random } from './random.js';
import { ephemeral, type Flow, flow, sized } from './traffic.js';

const HOUR = 3600;
const DAY = 24 * HOUR;

/** Flows of a day to services of AWS, by every way: written where names of addresses are written too. */
export function awsTraffic(net: Network, from: number, random: Random): Flow[] {
  const flows: Flow[] = [];
  const times = () => {
    const start = from + 60 + random.below(DAY - 180);
    return { start, end: start + 1 + random.below(59) };
  };
  const out = (
    on: Network['nat'],
    src: string,
    dst: string,
    path: number,
    service: string | undefined,
    most = 60,
  ) => {
    flows.push(
      flow(on, {
        src,
        dst,
        srcport: ephemeral(random),
        dstport: 443,
        ...sized(random, most),
        ...times(),
        path,
        service,
      }),
    );
  };
  const uploader = net.notebooks[RESTLESS.uploader - net.firstNotebook]!;
  for (let i = 0; i < 60; i++) {
    const notebook = random.pick(net.notebooks);
    out(notebook, notebook.address, AWS.bucket, 7, 'S3', 400);
    if (i % 4 === 0) out(notebook, notebook.address, AWS.tables, 7, 'DYNAMODB');
    // The same service, to a stranger's bucket, and not through the endpoint.
    if (i % 6 === 0) out(uploader, uploader.address, AWS.strangersBucket, 8, 'S3', 3000);
    if (i % 3 !== 0) continue;
    // Through the NAT gateway, which is paid by the byte: the WorkSpace's record and the gateway's.
    const desk = random.pick(net.workspaces);
    out(desk, desk.address, AWS.bucket, 1, 'S3', 900);
    out(net.nat, net.nat.address, AWS.bucket, 8, 'S3', 900);
  }
  return flows.sort((a, b) => a.end - b.end);
}
