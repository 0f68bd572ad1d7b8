import type { Command } from 'commander';
import { checkInside } from '../questions/flows.js';
import { ingress } from '../questions/ingress.js';
import type { Io } from '../terminal/streams.js';
import {
  addFilters,
  addFlowColumns,
  addInside,
  addSubnet,
  assumedVpc,
  flowColumns,
  placesOf,
  scopeOf,
} from './filters.js';
import { questionCommand } from './question.js';

const EXAMPLES = `
  What came into the subnet from outside its VPC:
    $ flowlog ingress --subnet 10.10.2.0/24 --logs ./my-logs

  Who was let in, and where:
    $ flowlog ingress --subnet 10.10.2.0/24 --action accept --by srcaddr,dstaddr,dstport --logs ./my-logs
`;

export const ingressCommand = (io: Io, done: (code: number) => void): Command =>
  questionCommand(
    {
      usage: 'ingress',
      description: 'What came into a subnet from somewhere outside the VPC',
      pick: false,
      options(command) {
        addSubnet(command, 'destination addresses', true);
        addInside(command, 'sources');
        addFilters(command);
        addFlowColumns(command, 'srcaddr,dstport');
      },
      examples: EXAMPLES,
      async ask(options, io) {
        const scope = await scopeOf(options, io);
        const places = placesOf(options);
        checkInside(places.subnets, places.vpc);
        const request = { ...scope, ...places, ...flowColumns(options) };
        return {
          range: scope.range,
          query: (source) => ingress(request, source),
          notes: assumedVpc(options, places),
        };
      },
    },
    io,
    done,
  );
