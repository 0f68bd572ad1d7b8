import { UsageError } from '../errors.js';
import type { TableColumn } from './table.js';

/** A partition key that says whose logs a partition holds. */
export interface OwnerKey {
  readonly kind: 'account' | 'region';
  readonly name: string;
  readonly type: string;
  /** Those that projection knows; undefined where it does not list them. */
  readonly values: readonly string[] | undefined;
  /** Whether Athena refuses a query that does not say the values. */
  readonly injected: boolean;
}

const KINDS = [
  { kind: 'account', values: /^\d{12}$/, names: /account|acct|accid/ },
  { kind: 'region', values: /^[a-z]{2,}(-[a-z0-9]+)+$/, names: /region/ },
] as const;

/**
 * The keys of accounts and regions, by the values of a projected enumeration, else by their names.
 *
 * @param projection as {@link projectionOf} gives it
 */
export function ownerKeys(
  partitionKeys: readonly TableColumn[],
  projection: ReadonlyMap<string, string> | undefined,
): OwnerKey[] {
  return KINDS.flatMap(({ kind, values: pattern, names }) => {
    const described = partitionKeys.map(({ name, type }) => {
      const listed = projection?.get(`projection.${name}.values`)?.split(',');
      const injected = projection?.get(`projection.${name}.type`)?.toLowerCase() === 'injected';
      return { kind, name, type, values: listed?.map((each) => each.trim()), injected };
    });
    const found =
      described.find(({ values }) => values?.every((each) => pattern.test(each))) ??
      described.find(({ name }) => names.test(name));
    return found ? [found] : [];
  });
}

/** Keys that Athena must be told the value of. */
export function injectedKeys(
  partitionKeys: readonly TableColumn[],
  projection: ReadonlyMap<string, string> | undefined,
): string[] {
  return partitionKeys
    .map(({ name }) => name)
    .filter((name) => projection?.get(`projection.${name}.type`)?.toLowerCase() === 'injected');
}

const OPTIONS = { account: '--account', region: '--aws-region' } as const;

/**
 * The values to ask a key for; undefined for all.
 *
 * @throws UsageError where the key needs a value and has none, or cannot have this one
 */
export function checkOwners(key: OwnerKey, wanted: readonly string[] | undefined, table: string): void {
  const { kind, name, values, injected } = key;
  if (injected && wanted === undefined) {
    const example = kind === 'account' ? '123456789012' : 'ap-northeast-1';
    throw new UsageError(
      `Athena reads ${table} only for a given ${kind}: its partition key ${name} is injected.`,
      `Name it with ${OPTIONS[kind]}, such as ${OPTIONS[kind]} ${example} (repeatable).`,
    );
  }
  const absent = wanted?.filter((each) => values !== undefined && !values.includes(each)) ?? [];
  if (absent.length > 0) {
    throw new UsageError(
      `${table} has no partitions for ${kind} ${absent.join(', ')}.`,
      `Its partition key ${name} has ${values!.length <= 20 ? values!.join(', ') : `${values!.length} others`}.`,
    );
  }
}
