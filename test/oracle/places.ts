import type { Asked } from './asked.js';
import type { Match } from './once.js';

/** The VPC around subnets, where none is named. */
export const vpcOf = ({ vpc, subnet = [] }: Asked['options']): readonly string[] =>
  vpc ?? subnet.map((block) => (block.includes(':') ? '2001:db8:1234:1a00::/56' : '10.10.0.0/16'));

/** From these subnets to somewhere outside the VPC. */
export const isLeaving =
  (asked: Asked): Match =>
  (flow, view) => {
    const { subnet = [], exclude = [] } = asked.options;
    return (
      view.within(view.src(flow), subnet) &&
      view.beyond(view.dst(flow), [...vpcOf(asked.options), ...exclude])
    );
  };
