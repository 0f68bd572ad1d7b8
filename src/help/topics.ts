import { aboutFormat, FORMATS } from '../output/formats.js';

/** A text for each topic of `flowlog help`. */
export interface Topic {
  readonly name: string;
  /** What it tells, in a few words. */
  readonly about: string;
  readonly text: string;
}

const TIME: Topic = {
  name: 'time',
  about: 'how to say a range of time, and the zone it is meant in',
  text: `Ranges of time

A record belongs to a range when its start does: the moment of its first packet. --since is part of the range and --until is
not, so that a day is from its own date to the next. Either may be left out.

  2026-06-01                  a day's first moment, in the zone of --tz
  2026-06-01 09:00            a time of the zone; with seconds, or a T for the space; also 2026/6/1 9:00
  2026-06, 09:00              a month's first moment; a time of today
  2026-06-01T00:00:00Z        a time with its own offset, also as +09:00
  24h, 7d, 30m, 2 days ago    that long ago
  last month, this week       the first moment of it
  today, yesterday, now       the first moment of the day in the zone; this moment
  @1780272000, 1780272000     Unix seconds, as in the logs themselves

--tz takes a name of the IANA time zone database (Asia/Tokyo unless told otherwise; UTC, Europe/Berlin), for the times you
write and for those you read. Tables and CSV show 2026-06-01 09:00:00; JSON has the offset, 2026-06-01T09:00:00+09:00.

Logs lie in folders by UTC day, and a day of Tokyo is parts of two of them: flowlog reads those that can hold the range, with
room for late delivery, and no others.

Examples:
  A day of Tokyo:
    $ flowlog egress --subnet 10.10.24.0/24 --logs ./my-logs --since 2026-06-01 --until 2026-06-02

  One hour of a day of Berlin:
    $ flowlog egress --subnet 10.10.24.0/24 --logs ./my-logs --tz Europe/Berlin --since '2026-06-01 09:00' --until '2026-06-01 10:00'

  From a moment that has its own offset:
    $ flowlog egress --subnet 10.10.24.0/24 --logs ./my-logs --since 2026-06-01T00:00:00Z
`,
};

const ADDRESSES: Topic = {
  name: 'addresses',
  about: 'blocks of addresses, and which address of a record is which',
  text: `Addresses

Wherever an option takes <cidr> it takes a block, 10.10.24.0/24 or 2001:db8:1:2::/64; an address, which is the block of that
one; or the name of a network (flowlog help networks). More than one: with commas, or the option again. A block with host bits
set, 10.10.24.5/24, is refused, and the block that was probably meant is named.

The VPC is what counts as inside. Without --vpc it is the largest block a VPC can have around the subnet, its /16 (IPv6: /56),
and flowlog says so. A VPC with several blocks needs them all: --vpc 10.10.0.0/16,10.11.0.0/16.

srcaddr and dstaddr are those of the interface that recorded the flow: at a NAT gateway or a load balancer they are its own.
pkt_srcaddr and pkt_dstaddr, of flow log version 3, are those in the packet: what was behind it. Replies are flows too: an
answer to a request from outside leaves the subnet and is told by its low source port.

What flow logs never record: Amazon's own DNS, instance metadata (169.254.169.254), time sync (169.254.169.123), DHCP, licence
activation of Windows, and mirrored traffic.

Examples:
  From one address to anywhere but two networks:
    $ flowlog egress --subnet 10.10.24.17 --vpc 10.10.0.0/16 --exclude 192.0.2.0/24,203.0.113.0/24 --logs ./my-logs
`,
};

const NETWORKS: Topic = {
  name: 'networks',
  about: 'names for networks, to ask by and to read beside addresses',
  text: `Named networks

A table [networks] in the configuration file gives names to blocks:

  [networks]
  sagemaker = "10.10.24.0/24"
  workspaces = ["10.10.2.0/24", "10.10.3.0/24"]
  "data center" = "10.20.0.0/16"

A name then stands wherever an option takes <cidr>, for all its blocks, and mixes with blocks. A name is no address, does not
begin with - or a space, and has no comma, slash or colon.

After each column of addresses an answer has one more, srcaddr_name after srcaddr, with the name of the smallest network that
holds the address; of two names for the same block the one written first. It is the same on both engines. --no-names, or
names = false in the file, leaves these columns out.

'flowlog init --vpc-id vpc-…' writes the blocks of a VPC and of its subnets into a new file.

Examples:
  Ask by name:
    $ flowlog egress --subnet sagemaker --exclude workspaces --logs ./my-logs
`,
};

const NAMES: Topic = {
  name: 'names',
  about: 'whose an address is: inventory, DNS answers, AWS ranges',
  text: `Names of addresses

flowlog names an address by the first of these that knows it:

  network       a named network of the configuration (flowlog help networks)
  interface     a network interface of the inventory: its instance, Name tag, service or security group
  endpoint      an interface of a VPC endpoint, with the endpoint's service
  network       a subnet, VPC or prefix list of the inventory
  domain        the name that the host, or its VPC, asked for before the flow: --dns, Resolver query logs
  aws-service   AWS's published ranges, or a prefix list of AWS: S3 ap-northeast-1
  asn           a file of autonomous systems: --asn, as iptoasn TSV, CSV (start,end,asn,"name") or .mmdb
  class         private, shared, link-local, multicast, documentation, public …

The smallest block wins. A record is named by the newest snapshot that is not later than the record; a name from another
snapshot is given with the date of that snapshot. Interfaces are known by their id at any time.

With an inventory, --dns or --asn, answers have srcaddr_name and srcaddr_kind beside srcaddr, and so of every address; egress
says the way, and endpoints what went to VPC endpoints. egress, ingress and internal take these in --by (dstaddr_name,way),
--columns and --where, and --way and --leaves; endpoint, service and kind too.

An address of an AWS service serves any AWS customer. The name of a service is no proof that the traffic was harmless.

The inventory is one folder of dated JSON files: ~/.local/share/flowlog/inventory, or --inventory DIR. It holds ip-ranges.json
files as AWS publishes them, and snapshots:

  {"flowlog": "inventory", "version": 1, "taken": "2026-06-01T00:00:00Z", "account": "123456789012", "region": "ap-northeast-1",
   "interfaces": [{"id": "eni-…", "vpc": "vpc-…", "subnet": "subnet-…", "zone": "…", "type": "interface", "description": "…",
                   "addresses": ["10.10.24.17"], "prefixes": ["10.10.6.16/28"], "public": ["203.0.113.9"],
                   "instance": "i-…", "groups": ["…"], "tags": {"Name": "…"}}],
   "endpoints": [{"id": "vpce-…", "type": "Interface", "vpc": "vpc-…", "service": "com.amazonaws…", "interfaces": ["eni-…"]}],
   "prefixLists": [{"id": "pl-…", "name": "…", "owner": "AWS", "blocks": ["…"]}],
   "subnets": [{"id": "subnet-…", "vpc": "vpc-…", "name": "…", "zone": "…", "blocks": ["10.10.24.0/24"]}],
   "vpcs": [{"id": "vpc-…", "name": "…", "blocks": ["10.10.0.0/16"]}],
   "natGateways": [{"id": "nat-…", "vpc": "vpc-…", "connectivity": "public", "addresses": ["…"], "interfaces": ["eni-…"]}],
   "instances": [{"id": "i-…", "name": "…"}]}

A section that was not read is absent. Only ids, addresses of interfaces, and blocks of subnets and VPCs are required.

Examples:
  Add saved output of the AWS CLI to the inventory, and ask about an address:
    $ flowlog inventory import enis.json endpoints.json
    $ flowlog inventory show 10.10.24.17
`,
};

const CONFIG: Topic = {
  name: 'config',
  about: 'flowlog.toml, profiles, and FLOWLOG_* in the environment',
  text: `Configuration

What would be typed each time goes into a file. It is the nearest flowlog.toml, or .flowlog.toml, from the working folder
upwards as far as the home folder; where there is none, ~/.config/flowlog/config.toml (in XDG_CONFIG_HOME where that is set).
One file is read, not several. --config FILE or FLOWLOG_CONFIG name another, --no-config reads none.

  logs = "logs"                       # relative to the file; ~/ is the home folder
  tz = "Asia/Tokyo"

  [profiles.prod]                     # chosen with --use prod, or FLOWLOG_USE=prod
  table = "network.vpc_flow_logs"
  region = "ap-northeast-1"

  [networks]                          # flowlog help networks
  sagemaker = "10.10.24.0/24"

A key is a long option without its dashes. Texts stand in quotes, several values in brackets; a switch is true or false, and
names = false is --no-names. Every setting is a variable too: FLOWLOG_PRICE_PER_TB for --price-per-tb; set to nothing it
counts as not set. First of these counts:

  the option; the environment; the profile; the rest of the file; the default

Which engine is asked follows from who names logs or a table nearest: --table on the command line asks Athena though the file
names logs. A subnet, VPC, exclusion or range of time that was not typed is said on standard error.

'flowlog config' shows every setting, its value, and who says it. --profile is a profile of the AWS configuration, --use one of
this file.

Examples:
  Who says what:
    $ flowlog config

  What a file says, without your own:
    $ flowlog config --config flowlog.toml --format csv
`,
};

const OUTPUT: Topic = {
  name: 'output',
  about: 'formats, files, and what goes to which stream',
  text: `Output

Standard output carries the answer and nothing else; notes, progress and errors go to standard error. --quiet leaves only
errors.

${FORMATS.map((format) => `  ${format.padEnd(10)}  ${aboutFormat(format)}`).join('\n')}

--excel makes CSV for spreadsheets: byte order mark, CRLF, and nothing that would be run as a formula. --output writes a file
that appears whole or not at all; unless --format says the format, its ending does (egress.csv, egress.md). Colour: NO_COLOR,
FORCE_COLOR, --no-color. On a terminal an answer is shown by $PAGER, or less where there is one, unless --no-pager is given.

Examples:
  For a spreadsheet:
    $ flowlog egress --subnet 10.10.24.0/24 --logs ./my-logs --excel --output egress.csv

  For another program:
    $ flowlog egress --subnet 10.10.24.0/24 --logs ./my-logs --format ndjson --quiet | head -3
`,
};

const EXIT_CODES: Topic = {
  name: 'exit-codes',
  about: 'what a script can rely on',
  text: `Exit codes

  0      done; an empty answer is an answer
  1      failed: no such file, no flow logs there, what AWS refuses; the message names what, and what to do
  2      asked wrongly: the message names the value, and what to write instead
  130    interrupted by Ctrl-C; nothing half done is left behind

Input that is not as it should be (malformed lines, damaged files) is counted and said, and the rest is answered; --strict makes
any of it an exit code of 1. A reader that goes away early, as head does, is no error.

Examples:
  Fail when anything was skipped:
    $ flowlog egress --subnet 10.10.24.0/24 --logs ./my-logs --strict > egress.csv
`,
};

export const TOPICS: readonly Topic[] = [TIME, ADDRESSES, NETWORKS, NAMES, CONFIG, OUTPUT, EXIT_CODES];
