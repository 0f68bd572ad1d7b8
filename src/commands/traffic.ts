import type { Command } from 'commander';
import type { Cidr } from '../net/cidr.js';
import type { Scope } from '../questions/scope.js';
import type { Query, Source } from '../sql/query.js';
import type { Io } from '../terminal/streams.js';
import { addFilters, addSubnet, placesOf, questionList, scopeOf } from './filters.js';
import { questionCommand } from './question.js';

/** What a question about traffic at either end is asked with. */
export interface TrafficRequest extends Scope {
  readonly subnets: readonly Cidr[];
  /** Empty for the usual columns. */
  readonly by: readonly string[];
}

/** A question about traffic at either end of which subnets may lie, that takes little else. */
export interface TrafficSpec {
  readonly name: string;
  readonly description: string;
  readonly examples: string;
  readonly query: (request: TrafficRequest, source: Source) => Query;
  /** Whether it cannot do without `--subnet`. */
  readonly needsSubnet?: boolean;
  /** The question itself is about one action: there is no `--action`. */
  readonly ofOneAction?: boolean;
  /** The columns that it adds up by unless `--by` names others; without it there is no `--by`. */
  readonly usualBy?: string;
}

/** Makes the command of such a question. */
export const trafficCommand =
  ({ name, query, usualBy, ...spec }: TrafficSpec) =>
  (io: Io, done: (code: number) => void): Command =>
    questionCommand(
      {
        usage: name,
        description: spec.description,
        options(command) {
          addSubnet(command, 'either end', spec.needsSubnet === true);
          addFilters(command, { action: !spec.ofOneAction });
          if (usualBy !== undefined) {
            command.addOption(
              questionList('--by <columns>', `sum up by these columns instead of ${usualBy}`),
            );
          }
        },
        examples: spec.examples,
        async ask(options, io) {
          const scope = await scopeOf(options, io);
          const request = { ...scope, subnets: placesOf(options).subnets, by: options.by ?? [] };
          return { range: scope.range, query: (source) => query(request, source) };
        },
      },
      io,
      done,
    );
