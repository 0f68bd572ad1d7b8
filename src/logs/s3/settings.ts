import type { BucketAccess, BucketTerms } from '../../aws/bucket-access.js';
import type { Aws } from '../../aws/clients.js';
import type { ListedObject } from '../../aws/list-logs.js';
import type { ProgressLine } from '../../terminal/progress.js';

/** How logs in S3 are fetched. */
export interface S3Options {
  readonly access: BucketTerms;
  /** The folder of the cache, in which a run keeps its files, too. */
  readonly cacheFolder: string;
  /** What the cache may hold after the run (bytes); undefined to take nothing from it and keep nothing in it. */
  readonly cacheSize: number | undefined;
  /** More bytes than this are not fetched; undefined for any number. */
  readonly maxDownload: number | undefined;
  /** Whether only the beginnings of some files are looked at: enough to show a statement, which is not run. */
  readonly lookOnly: boolean;
  /** Objects that need not be fetched, by URI and size, since what they say is known; undefined where none are. */
  readonly known?: (uri: string, size: number) => boolean;
  readonly progress: ProgressLine;
}

export interface S3Settings extends S3Options {
  readonly aws: Aws;
}

/** An object that is wanted. */
export interface WantedObject extends ListedObject {
  readonly bucket: string;
  /** Whether the user named this very object. */
  readonly named: boolean;
  readonly access: BucketAccess;
}

export interface Amount {
  readonly files: number;
  readonly bytes: number;
}

export const amountOf = (objects: ReadonlyArray<{ readonly size: number }>): Amount => ({
  files: objects.length,
  bytes: objects.reduce((sum, { size }) => sum + size, 0),
});

/** S3 takes its time with each request, and flow logs are many small files: this number is requested at once. */
export const REQUESTS = 32;
