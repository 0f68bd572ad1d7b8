import type { Policy, Statement } from '../../src/aws/policies.js';

/** What a call looks like to IAM. The source address is absent where AWS does not see it. */
export interface Request {
  readonly action: string;
  readonly resource: string;
  readonly sourceIp?: string;
  readonly viaAwsService?: boolean;
}

const listed = (value: string | readonly string[]) => (typeof value === 'string' ? [value] : value);

/** `*` stands for any text, also across slashes and colons, `?` for one character. */
function matches(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`).test(text);
}

/** The statements that speak of a request, conditions apart. */
function speaking(policy: Policy, effect: Statement['Effect'], { action, resource }: Request): Statement[] {
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
  return speaking(policy, 'Allow', request).length > 0;
}

/** Whether a Deny statement of the policy stops a request: all its conditions must hold. */
export function denies(policy: Policy, request: Request): boolean {
  return speaking(policy, 'Deny', request).some(({ Condition = {} }) =>
    Object.entries(Condition).every(([operator, keys]) =>
      Object.entries(keys).every(([key, value]) => holds(operator, key, listed(value), request)),
    ),
  );
}

function holds(operator: string, key: string, values: readonly string[], request: Request): boolean {
  const { sourceIp, viaAwsService = false } = request;
  if (operator === 'Bool' && key === 'aws:ViaAWSService') return values.includes(String(viaAwsService));
  if (operator === 'NotIpAddress' && key === 'aws:SourceIp') {
    // A negated operator holds where the key is absent.
    return sourceIp === undefined || !values.some((block) => inBlock(sourceIp, block));
  }
  throw new Error(`no such condition: ${operator} ${key}`);
}

const number = (address: string) => address.split('.').reduce((value, part) => value * 256 + Number(part), 0);

/** IPv4 only. */
function inBlock(address: string, block: string): boolean {
  const [base = '', prefix] = block.split('/');
  const size = 2 ** (32 - Number(prefix));
  return Math.floor(number(address) / size) === Math.floor(number(base) / size);
}
