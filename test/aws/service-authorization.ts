import { readFileSync } from 'node:fs';
import type { Policy } from '../../src/aws/policies.js';

interface Reference {
  readonly actions: Readonly<Record<string, readonly string[]>>;
  readonly resources: Readonly<Record<string, string>>;
}

const reference = JSON.parse(
  readFileSync(new URL('service-authorization.json', import.meta.url), 'utf8'),
) as Reference;

/** What the Service Authorization Reference objects to in a policy; see service-authorization.py for the extract. */
export function objections({ Statement }: Policy): string[] {
  return Statement.flatMap(({ Action, Resource }) =>
    [Action].flat().flatMap((action) => {
      const types = reference.actions[action];
      if (!types) return [`${action} is not in the extract: add it with service-authorization.py`];
      const patterns = types.map((type) => reference.resources[`${action.split(':')[0]}:${type}`]!);
      return [Resource].flat().flatMap((resource) => {
        if (resource === '*') return types.length === 0 || MAY_BE_ANY.has(action) ? [] : [`${action} on *`];
        return patterns.some((pattern) => isOfType(resource, pattern)) ? [] : [`${action} on ${resource}`];
      });
    }),
  );
}

/** They take a resource, and flowlog wants any. */
const MAY_BE_ANY = new Set(['ec2:GetManagedPrefixListEntries']);

/** `arn:${Partition}:s3:::${BucketName}/${ObjectName}`: a bucket's name has no slash, an account only digits. */
function isOfType(arn: string, pattern: string): boolean {
  const source = pattern
    .split(/(\$\{\w+\})/)
    .map((part) => {
      if (!part.startsWith('${')) return part.replace(/[.*+?^$()|[\]\\]/g, '\\$&');
      if (part === '${Account}') return '\\d{12}';
      return /Region|Partition|Bucket|Database|CatalogName|WorkGroup|KeyId/.test(part) ? '[^/:]+' : '.+';
    })
    .join('');
  return new RegExp(`^${source}$`).test(arn);
}
