import { isLogGroup } from './log-group.js';
import { isS3Uri } from './s3-place.js';

/** Whether what names logs is a path of this machine, rather than standard input or a place at AWS. */
export const isLocalPath = (text: string): boolean =>
  text !== '-' && !/^[a-z0-9]+:\/\//i.test(text) && !isS3Uri(text) && !isLogGroup(text);
