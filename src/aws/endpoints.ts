/** What a VPC endpoint for a service is named after, and of which kind it is. S3 has both kinds, the gateway is free. */
const KINDS: Readonly<Record<string, string>> = {
  s3: 'gateway or interface',
};

const HOST = /\b([a-z0-9-]+)\.([a-z]{2,}(?:-[a-z0-9]+)+)\.amazonaws\.com/;

/**
 * The VPC endpoints without which a call does not leave a VPC that has no internet access, for a message.
 *
 * @param action the permission of the call, `athena:StartQueryExecution`
 * @param said what the network reported; the name of the host in it tells service and region
 */
export function neededEndpoints(action: string, said: string): string {
  const [, host, region = 'REGION'] = HOST.exec(said) ?? [];
  const service = action.split(':', 1)[0]!;
  // What Athena answers is an object of S3.
  const services = new Set([...(service === 'athena' ? ['athena', 's3'] : [service])]);
  if (host !== undefined && /^(?:athena|s3|sts|ec2|logs|kms|glue)$/.test(host)) services.add(host);
  return [...services]
    .map((each) => `com.amazonaws.${region}.${each} (${KINDS[each] ?? 'interface'})`)
    .join(', ');
}
