/** A file that can be read. */
export interface StoredFile {
  readonly path: string;
  /** Bytes as stored. */
  readonly size: number;
}

/** Bytes of files as stored. */
export const sizeOf = (files: ReadonlyArray<Pick<StoredFile, 'size'>>): number =>
  files.reduce((bytes, { size }) => bytes + size, 0);
