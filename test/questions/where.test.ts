import { describe, expect, it } from 'vitest';
import { parseCidr } from '../../src/net/cidr.js';
import { Networks } from '../../src/net/networks.js';
import { accepted } from '../../src/questions/accepted.js';
import { talkers } from '../../src/questions/talkers.js';
import { parseWhere } from '../../src/questions/where.js';
import { ask } from '../engines/local.js';
import { flow, page } from '../page.js';

const NETWORKS = new Networks(new Map([['sagemaker', [parseCidr('10.10.24.0/24')]]]));
const V4 = flow(['10.10.24.5', 40_000], ['203.0.113.9', 443], '00:00:00', { bytes: 1000 });
const V6 = flow(['2001:db8:1:2::5', 40_000], ['2001:db8:ffff::1', 8443], '00:00:00', { bytes: 2000 });

const asked = async (...where: string[]) => {
  const options = { tz: 'UTC', networks: NETWORKS, where, by: 'pair' } as unknown as Parameters<
    typeof talkers.request
  >[0];
  const request = await talkers.request(options, { now: () => 0, words: [] });
  const answer = await ask(await page([V4, V6]), (source) => talkers.query(request, source));
  return answer.pick('srcaddr').flat().sort();
};

describe('--where', () => {
  it.each([
    [['srcaddr=10.10.24.0/24'], ['10.10.24.5']],
    [['srcaddr=2001:DB8:1:2::5'], ['2001:db8:1:2::5']],
    [['srcaddr=2001:db8:1:2:0:0:0:5'], ['2001:db8:1:2::5']],
    [['srcaddr=sagemaker'], ['10.10.24.5']],
    [['srcaddr!=sagemaker'], ['2001:db8:1:2::5']],
    [['action=accept'], ['10.10.24.5', '2001:db8:1:2::5']],
    [['log_status=ok'], ['10.10.24.5', '2001:db8:1:2::5']],
    [['protocol=tcp'], ['10.10.24.5', '2001:db8:1:2::5']],
    [['dstport=443-445'], ['10.10.24.5']],
    [['dstport=80,443'], ['10.10.24.5']],
    [['dstport=80', 'dstport=8000-9000'], ['2001:db8:1:2::5']],
    [['bytes>1000'], ['2001:db8:1:2::5']],
    [['bytes>=1000', 'bytes<2000'], ['10.10.24.5']],
    [['dstport!=443', 'dstport!=80'], ['2001:db8:1:2::5']],
    [['dst-port=-'], []],
  ])('%j', async (where, sources) => {
    if (where[0]!.startsWith('dst-port')) {
      await expect(asked(...where)).rejects.toMatchObject({ message: "'dst_port' is not a column." });
    } else {
      expect(await asked(...where)).toEqual(sources);
    }
  });

  it.each([
    ['srcaddr=10.10.24.005', "'10.10.24.005' is not a CIDR block."],
    ['srcaddr=10.10.24.5/24', "'10.10.24.5/24' has host bits set."],
    ['srcaddr=workspaces', "'workspaces' is neither a CIDR block nor the name of a network."],
    ['srcaddr=-', 'No flow is without srcaddr.'],
    ['action=drop', "'drop' is not a value of action."],
    ['log_status=skipdata', 'No flow has log_status SKIPDATA: such records tell of none.'],
    ['dstport=70000', 'No dstport is 70000.'],
    ['dstport=445-443', '445-443 is not a range of dstport: it ends before it begins.'],
    ['protocol=tpc', "'tpc' is not a value of protocol."],
    ['bytes=many', "'many' is not a value of bytes."],
    ['action>accept', "--where 'action>accept': action is not a number."],
    ['dstport', "--where 'dstport' is not FIELD=VALUE."],
  ])('refuses %s', (text, message) => {
    expect(() => parseWhere([text], NETWORKS)).toThrowError(
      expect.objectContaining({ message, exitCode: 2 }),
    );
  });

  it('refuses bounds that nothing lies between', () => {
    expect(() => parseWhere(['bytes>10', 'bytes<5'], NETWORKS)).toThrowError('No bytes meets all conditions');
  });

  it('is kept with a statement as plain data', async () => {
    const request = await accepted.request(
      { tz: 'UTC', networks: NETWORKS, where: ['dstaddr=203.0.113.0/24'], by: [] },
      { now: () => 0, words: [] },
    );
    expect(request.where).toEqual([
      { field: 'dstaddr', not: false, none: false, blocks: [parseCidr('203.0.113.0/24')] },
    ]);
  });
});
