import { BlockList, isIPv6 } from 'node:net';
import type { Policy, Statement } from '../../src/aws/policies.js';

/** What a call looks like to IAM. A key of its context is absent where AWS does not set it. */
export interface Request {
  readonly action: string;
  readonly resource: string;
  /** The public address; none for calls through a VPC endpoint. */
  readonly sourceIp?: string;
  readonly viaAwsService?: boolean;
  /** Set for calls through a VPC endpoint only. */
  readonly vpc?: string;
  readonly vpce?: string;
  readonly vpcSourceIp?: string;
}

const listed = (value: string | readonly string[]) => (typeof value === 'string' ? [value] : value);

/** `*` stands for any text, also across slashes and colons, `?` for one character; `${*}` for the character itself. */
function matches(pattern: string, text: string): boolean {
  const source = pattern.replace(/\$\{([*?$])\}|[.+^${}()|[\]\\*?]/g, (each, itself) => {
    if (itself) return `\\${itself}`;
    return { '*': '.*', '?': '.' }[each] ?? `\\${each}`;
  });
  return new RegExp(`^${source}$`, 's').test(text);
}

/** The statements that apply to a request, conditions apart. */
function applying(policy: Policy, effect: Statement['Effect'], { action, resource }: Request): Statement[] {
  return policy.Statement.filter(
    ({ Effect, Action, Resource }) =>
      Effect === effect &&
      // Actions know no case.
      listed(Action).some((each) => matches(each.toLowerCase(), action.toLowerCase())) &&
      listed(Resource).some((each) => matches(each, resource)),
  );
}

/** Whether a policy's Allow statements let a request pass. */
export function allows(policy: Policy, request: Request): boolean {
  return applying(policy, 'Allow', request).length > 0;
}

/** Whether a Deny statement of the policy stops a request: all its conditions must hold. */
export function denies(policy: Policy, request: Request): boolean {
  const context: Readonly<Record<string, string | undefined>> = {
    'aws:SourceIp': request.sourceIp,
    'aws:SourceVpc': request.vpc,
    'aws:SourceVpce': request.vpce,
    'aws:VpcSourceIp': request.vpcSourceIp,
    // AWS sets it for every request.
    'aws:ViaAWSService': String(request.viaAwsService ?? false),
  };
  return applying(policy, 'Deny', request).some(({ Condition = {} }) =>
    Object.entries(Condition).every(([operator, keys]) =>
      Object.entries(keys).every(([key, value]) => {
        if (!(key in context)) throw new Error(`no such condition key: ${key}`);
        return holds(operator, context[key], listed(value));
      }),
    ),
  );
}

/** IAM User Guide, "Condition operators": how each compares, and what it says of a key that is absent. */
const OPERATORS: Readonly<Record<string, (given: string, value: string) => boolean>> = {
  Bool: (given, value) => given === value,
  StringEquals: (given, value) => given === value,
  IpAddress: inBlock,
};

function holds(operator: string, given: string | undefined, values: readonly string[]): boolean {
  if (operator === 'Null') return values.includes(String(given === undefined));
  const name = operator.replace(/IfExists$/, '');
  const negated = /^(?:Not|StringNot)/.test(name);
  const compare = OPERATORS[name.replace('Not', '')];
  if (compare === undefined) throw new Error(`no such condition operator: ${operator}`);
  // A negated operator holds where the key is absent, any other only with IfExists.
  if (given === undefined) return negated || operator !== name;
  return values.some((value) => compare(given, value)) !== negated;
}

function inBlock(address: string, block: string): boolean {
  const [base = '', prefix] = block.split('/');
  const family = isIPv6(base) ? 'ipv6' : 'ipv4';
  const list = new BlockList();
  list.addSubnet(base, Number(prefix ?? (family === 'ipv6' ? 128 : 32)), family);
  return list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}
