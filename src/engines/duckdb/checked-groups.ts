import { checkParquet, malformedDetails, type ParquetCheck } from '../../duckdb/check-parquet.js';
import type { Database } from '../../duckdb/database.js';
import { FlowlogError } from '../../errors.js';
import type { FieldSet } from '../../flowlog/fields.js';
import type { FileGroup } from '../../logs/group-files.js';
import { quotedText } from '../../sql/sql.js';
import { relation } from './relation.js';

/** Groups without damaged files, and what was found in them. */
export interface CheckedGroups extends ParquetCheck {
  readonly groups: readonly FileGroup[];
}

/** Groups of Parquet that are read as they are. DuckDB needs memory for each of them, and many folders of odd files have more. */
const MOST_GROUPS = 6;

/** Checks the values of Parquet that others wrote, once a session. */
export class ParquetChecks {
  private readonly known = new WeakMap<FileGroup, Promise<ParquetCheck>>();

  private readonly rewritten = new Map<string, Promise<string>>();

  constructor(
    private readonly database: Database,
    private readonly newFile: () => string,
  ) {}

  /** The groups, those of few files written anew with the same types where there are many. */
  async few(groups: readonly FileGroup[], fields: FieldSet): Promise<FileGroup[]> {
    const foreign = groups
      .filter(({ parquet }) => parquet && !parquet.asDelivered)
      .sort((a, b) => b.paths.length - a.paths.length)
      .slice(MOST_GROUPS);
    if (foreign.length === 0) return [...groups];
    const sources = new Map<string, string>();
    for (const group of foreign) {
      for (const path of group.paths) sources.set(await this.rewrite(group, path, fields), path);
    }
    const columns = [...fields.values()].map((field) => ({ field, name: field.column, type: '' }));
    const parquet = { columns, asDelivered: true };
    const plain = { kind: 'parquet', packing: 'none', header: false } as const;
    const all = { ...plain, fields: [...fields.values()], paths: [...sources.keys()], sources, parquet };
    return [...groups.filter((group) => !foreign.includes(group)), all];
  }

  private rewrite(group: FileGroup, path: string, fields: FieldSet): Promise<string> {
    const written = async () => {
      const spool = this.newFile();
      const records = relation([{ ...group, paths: [path] }], fields);
      await this.database.query(`COPY (${records}) TO ${quotedText(spool)} (FORMAT parquet)`);
      return spool;
    };
    const known = this.rewritten.get(path) ?? written();
    this.rewritten.set(path, known);
    return known;
  }

  /**
   * @param nameOf what messages call the file at a path
   * @param all whether Parquet as AWS delivers it is checked too, since reading has failed
   * @throws FlowlogError when nothing can be read
   */
  async check(
    groups: readonly FileGroup[],
    nameOf: (path: string) => string | undefined,
    all = false,
  ): Promise<CheckedGroups> {
    const checked: FileGroup[] = [];
    const found: ParquetCheck[] = [];
    for (const group of groups) {
      if (!group.parquet || (group.parquet.asDelivered && !all)) {
        checked.push(group);
        continue;
      }
      const check = await this.checkOf(group, group.parquet.columns);
      found.push(check);
      const damaged = new Set(check.damaged);
      const paths = group.paths.filter((path) => !damaged.has(path));
      const malformed = check.findings.some(({ malformed }) => malformed > 0);
      if (paths.length > 0) checked.push({ ...group, paths, malformed });
    }
    const findings = found.flatMap(({ findings }) => findings);
    const damaged = found.flatMap(({ damaged }) => damaged);
    const records = findings.filter(({ records }) => records > 0);
    const onlyThese = checked.every(({ malformed }) => malformed !== undefined);
    if (onlyThese && records.length > 0 && records.every(({ records, malformed }) => records === malformed)) {
      const [first] = records;
      throw new FlowlogError(
        `No record can be read: ${nameOf(first!.path)}: ${malformedDetails(first!)[0]}.`,
        'Name files whose columns hold the fields of flow logs, in any type.',
      );
    }
    if (checked.length === 0 && damaged.length > 0) {
      throw new FlowlogError(
        `${nameOf(damaged[0]!)} is damaged Parquet, and there is no other log.`,
        'Fetch the file again, or name other files with --logs.',
      );
    }
    return { groups: checked, findings, damaged };
  }

  private checkOf(group: FileGroup, columns: NonNullable<FileGroup['parquet']>['columns']) {
    const known =
      this.known.get(group) ?? checkParquet(group.paths, columns, (sql) => this.database.query(sql));
    this.known.set(group, known);
    return known;
  }
}
