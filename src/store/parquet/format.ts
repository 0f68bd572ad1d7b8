/** Numbers of Parquet's format description (parquet.thrift). */
export const PHYSICAL = { integer: 1, bigint: 2, text: 6 } as const;
export const CONVERTED = { text: 0, integer: 17, bigint: 18 } as const;
export const ENCODING = { plain: 0, runs: 3, differences: 5, dictionary: 8 } as const;
export const PAGE = { data: 0, dictionary: 2 } as const;
export const CODEC = { zstd: 6 } as const;
export const OPTIONAL = 1;

/** Parquet's files begin and end with it. */
export const MAGIC = 'PAR1';
