import type { Command } from 'commander';
import { UsageError } from '../errors.js';
import { checkInside } from '../questions/flows.js';
import { TIMELINE_MEASURES, type TimelineMeasure, timeline } from '../questions/timeline.js';
import { TIME_UNITS, type TimeUnit } from '../sql/dialect.js';
import type { Io } from '../terminal/streams.js';
import {
  addFilters,
  addInside,
  addSubnet,
  assumedVpc,
  type FilterOptions,
  placesOf,
  questionOption,
  scopeOf,
} from './filters.js';
import { questionCommand } from './question.js';

interface TimelineOptions extends FilterOptions {
  readonly every: TimeUnit;
  readonly egress?: boolean;
  readonly chart: TimelineMeasure;
}

const EXAMPLES = `
  Traffic of a subnet per hour of Tokyo; on a terminal as a chart:
    $ flowlog timeline --subnet 10.10.24.0/24 --logs ./my-logs

  What left it, per day, as numbers:
    $ flowlog timeline --subnet 10.10.24.0/24 --egress --every day --format csv --logs ./my-logs
`;

export const timelineCommand = (io: Io, done: (code: number) => void): Command =>
  questionCommand<TimelineOptions>(
    {
      usage: 'timeline',
      description: 'Flows, packets and bytes per minute, hour or day of the zone',
      options(command) {
        command.addOption(
          questionOption('--every <unit>', 'of the zone').choices(TIME_UNITS).default('hour'),
        );
        addSubnet(command, 'either end; with --egress the source', false);
        command.addOption(questionOption('--egress', 'only what left the VPC'));
        addInside(command, 'destinations');
        addFilters(command);
        command.addOption(
          questionOption('--chart <what>', 'what a table draws').choices(TIMELINE_MEASURES).default('bytes'),
        );
      },
      examples: EXAMPLES,
      async ask(options, io) {
        const scope = await scopeOf(options, io);
        const places = placesOf(options);
        const { every, egress = false, chart } = options;
        if (egress && places.subnets.length === 0) {
          throw new UsageError('--egress of what?', 'Give --subnet the addresses that traffic left from.');
        }
        if (egress) checkInside(places.subnets, places.vpc);
        // It counts days of the calendar, and what does takes a while to load.
        const { filledTimeline, withChart } = await import('../questions/timeline-shape.js');
        const vpc = egress ? [...places.vpc, ...places.exclude] : [];
        return {
          range: scope.range,
          query: (source) => timeline({ ...scope, subnets: places.subnets, vpc, every }, source),
          notes: egress ? assumedVpc(options, places) : [],
          shape(result, format) {
            const filled = filledTimeline(result, every, scope.zone);
            return format === 'table' ? withChart(filled, chart) : filled;
          },
        };
      },
    },
    io,
    done,
  );
