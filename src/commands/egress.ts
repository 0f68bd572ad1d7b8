import type { Command } from 'commander';
import { egress } from '../questions/egress.js';
import { checkInside } from '../questions/flows.js';
import type { Io } from '../terminal/streams.js';
import {
  addFilters,
  addFlowColumns,
  addInside,
  addSubnet,
  assumedVpc,
  type FilterOptions,
  flowColumns,
  placesOf,
  questionOption,
  scopeOf,
} from './filters.js';
import { questionCommand } from './question.js';

interface EgressOptions extends FilterOptions {
  readonly initiated?: boolean;
}

const EXAMPLES = `
  What left the subnet for somewhere outside its VPC:
    $ flowlog egress --subnet 10.10.24.0/24 --logs ./my-logs

  On one day of Tokyo time, as CSV for a spreadsheet:
    $ flowlog egress --subnet 10.10.24.0/24 --logs ./my-logs --since 2026-06-01 --until 2026-06-02 --excel -o egress.csv

  Where to, largest first:
    $ flowlog egress --subnet 10.10.24.0/24 --logs ./my-logs --by dstaddr,dstport

  Only what got through, to anywhere but the peered network:
    $ flowlog egress --subnet 10.10.24.0/24 --exclude 10.20.0.0/16 --action accept --logs './my-logs/**/*.log.gz'

  Only what was opened from inside, without replies to what came in:
    $ flowlog egress --subnet 10.10.24.0/24 --initiated --logs ./my-logs

  Logs straight from S3, only the files of yesterday, and no more than 5 GB of them:
    $ flowlog egress --subnet 10.10.24.0/24 --logs s3://my-logs/ --since yesterday --until today --max-download 5GB

  The same question to Athena, of the table that create-table made:
    $ flowlog egress --subnet 10.10.24.0/24 --table network.vpc_flow_logs --since yesterday --max-scan 10GB
`;

export const egressCommand = (io: Io, done: (code: number) => void): Command =>
  questionCommand<EgressOptions>(
    {
      usage: 'egress',
      description: 'What left a subnet for somewhere outside the VPC, when, and to where',
      pick: false,
      options(command) {
        addSubnet(command, 'source addresses', true);
        addInside(command, 'destinations');
        addFilters(command);
        command.addOption(
          questionOption('--initiated', 'only flows opened from inside, by TCP flags where recorded'),
        );
        addFlowColumns(command, 'dstaddr,dstport');
      },
      examples: EXAMPLES,
      async ask(options, io) {
        const scope = await scopeOf(options, io);
        const places = placesOf(options);
        checkInside(places.subnets, places.vpc);
        const request = {
          ...scope,
          ...places,
          ...flowColumns(options),
          initiated: options.initiated === true,
        };
        return {
          range: scope.range,
          query: (source) => egress(request, source),
          notes: assumedVpc(options, places),
        };
      },
    },
    io,
    done,
  );
