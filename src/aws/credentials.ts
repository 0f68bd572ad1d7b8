import type { fromNodeProviderChain } from '@aws-sdk/credential-providers';
import type { Connections } from './connections.js';

/** As whom AWS is asked. */
export interface Identity {
  readonly profile?: string | undefined;
  /** A role to assume, with the external id that its owner asks for. */
  readonly roleArn?: string | undefined;
  readonly externalId?: string | undefined;
  /** What CloudTrail shows of the session; `flowlog` unless given. */
  readonly roleSessionName?: string | undefined;
  /** Seconds. */
  readonly roleDuration?: number | undefined;
  /** The MFA device that the role asks for. A profile names its own. */
  readonly mfaSerial?: string | undefined;
  /** Gives a code of an MFA device. */
  readonly mfaCode?: ((serial: string) => Promise<string>) | undefined;
}

export type CredentialProvider = ReturnType<typeof fromNodeProviderChain>;

/** Credentials are renewed when they have less than this left (milliseconds). */
const EXPIRES_SOON = 5 * 60_000;

const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

/** The credentials of an identity, found once for all clients that ask for them. */
export async function credentialProvider(
  identity: Identity,
  region: string | undefined,
  requestHandler: Connections,
): Promise<CredentialProvider> {
  const { fromNodeProviderChain, fromTemporaryCredentials } = await import('@aws-sdk/credential-providers');
  const {
    profile,
    roleArn,
    externalId,
    roleSessionName = 'flowlog',
    roleDuration,
    mfaSerial,
    mfaCode,
  } = identity;
  const mfaCodeProvider = mfaCode === undefined ? {} : { mfaCodeProvider: mfaCode };
  const own: CredentialProvider = fromNodeProviderChain({
    // Keys in the environment beside the profile that was asked for are no news.
    ...(profile === undefined ? {} : { profile, logger: SILENT }),
    ...mfaCodeProvider,
    // No region: SSO would take it for its own, which may be another.
    clientConfig: { requestHandler },
    parentClientConfig: { requestHandler, ...(region === undefined ? {} : { region }) },
  });
  if (roleArn === undefined) return shared(own);
  return shared(
    fromTemporaryCredentials({
      masterCredentials: own,
      params: {
        RoleArn: roleArn,
        RoleSessionName: roleSessionName,
        ...(externalId === undefined ? {} : { ExternalId: externalId }),
        ...(roleDuration === undefined ? {} : { DurationSeconds: roleDuration }),
        ...(mfaSerial === undefined ? {} : { SerialNumber: mfaSerial }),
      },
      ...mfaCodeProvider,
      clientConfig: { requestHandler, ...(region === undefined ? {} : { region }) },
    }),
  );
}

/** Each client of the SDK keeps credentials for itself alone. */
function shared(provider: CredentialProvider): CredentialProvider {
  let found: ReturnType<CredentialProvider> | undefined;
  let expires = Number.POSITIVE_INFINITY;
  return (properties) => {
    if (found === undefined || expires - Date.now() < EXPIRES_SOON) {
      expires = Number.POSITIVE_INFINITY;
      found = provider(properties).then(
        (identity) => {
          expires = identity.expiration?.getTime() ?? Number.POSITIVE_INFINITY;
          return identity;
        },
        (error) => {
          // The next who asks tries again.
          found = undefined;
          throw error;
        },
      );
    }
    return found;
  };
}
