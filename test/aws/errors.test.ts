import { describe, expect, it } from 'vitest';
import { isMissingEntity, unwrapped, wrappedCode } from '../../src/aws/catalog-errors.js';
import { explain, isAccessDenied, isThrottled } from '../../src/aws/errors.js';
import { FlowlogError } from '../../src/errors.js';
import { federatedMissing, glueDenied, metadataError, wrapped } from './athena/errors.js';

/** An error as the SDK throws it. */
const sdk = (name: string, message: string, more: object = {}) =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode: 400 }, ...more });
const thrown = ({ code, message }: { code: string; message: string }) => sdk(code, message);
const explained = (error: Error, action = 'athena:GetTableMetadata') => {
  const shown = explain(error, { action, resource: 'table a.b' });
  expect(shown).toBeInstanceOf(FlowlogError);
  const { message, hint } = shown as FlowlogError;
  return `${message}\n${hint}`;
};

describe('the code inside an error of the catalog', () => {
  it('is that of the last parenthesis', () => {
    const nested = wrapped(wrapped('Not authorized', 'AccessDeniedException'), 'EntityNotFoundException');
    expect(wrappedCode(nested)).toBe('EntityNotFoundException');
    expect(wrappedCode(`MetaException(message:${wrapped('x', 'AccessDeniedException')})`)).toBe(
      'AccessDeniedException',
    );
    expect(wrappedCode('Requested resource not found (Service: DynamoDb, Status Code: 400)')).toBeUndefined();
    expect(unwrapped(wrapped('Database d not found.'))).toBe('Database d not found.');
  });

  it('tells missing, denied and throttled apart', () => {
    const kinds = (error: Error) => [isMissingEntity(error), isAccessDenied(error), isThrottled(error)];
    expect(kinds(thrown(metadataError('Entity Not Found')))).toEqual([true, false, false]);
    expect(kinds(thrown(federatedMissing()))).toEqual([true, false, false]);
    expect(kinds(thrown(glueDenied('glue:GetTable', 'x')))).toEqual([false, true, false]);
    expect(kinds(thrown(metadataError('Rate exceeded', 'ThrottlingException')))).toEqual([
      false,
      false,
      true,
    ]);
    expect(kinds(sdk('InvalidRequestException', 'DataCatalog x was not found'))).toEqual([
      false,
      false,
      false,
    ]);
  });
});

describe('what a user reads', () => {
  it.each<[string, Error, string[]]>([
    [
      'a denial that names no resource (metabase/metabase#53377)',
      sdk(
        'AccessDeniedException',
        'You are not authorized to perform: athena:GetTableMetadata on the resource. After your AWS administrator or you have updated your permissions, please try again.',
      ),
      ['Access denied: athena:GetTableMetadata on table a.b.'],
    ],
    [
      'an SSO session that has expired',
      sdk(
        'CredentialsProviderError',
        'The SSO session associated with this profile has expired or is otherwise invalid.',
        {
          $metadata: undefined,
        },
      ),
      ['The AWS credentials have expired', 'aws sso login'],
    ],
    [
      'a profile that asks for MFA',
      sdk(
        'CredentialsProviderError',
        'Profile x requires multi-factor authentication, but no MFA code callback was provided.',
        { $metadata: undefined },
      ),
      ['need multi-factor authentication', '--mfa-code'],
    ],
    [
      'a region that does not exist, or a closed VPC',
      sdk('Error', 'getaddrinfo ENOTFOUND athena.ap-northeast-9.amazonaws.com', {
        code: 'ENOTFOUND',
        $metadata: undefined,
      }),
      [
        'AWS cannot be reached',
        'Check the network, the region',
        'com.amazonaws.ap-northeast-9.athena (interface), com.amazonaws.ap-northeast-9.s3 (gateway or interface)',
      ],
    ],
    [
      'a closed VPC without an endpoint for STS',
      sdk('Error', 'getaddrinfo ENOTFOUND sts.eu-west-1.amazonaws.com', {
        code: 'ENOTFOUND',
        $metadata: undefined,
      }),
      ['com.amazonaws.eu-west-1.sts (interface)'],
    ],
    [
      'Lake Formation',
      thrown(
        metadataError(
          'Insufficient Lake Formation permission(s): Required Describe on vpc_flow_logs',
          'AccessDeniedException',
        ),
      ),
      ['Lake Formation denied access: Describe on vpc_flow_logs is missing.'],
    ],
  ])('%s', (_what, error, says) => {
    const text = explained(error);
    for (const part of says) expect(text).toContain(part);
  });
});
