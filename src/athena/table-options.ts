import { UsageError } from '../errors.js';
import { FIELDS, findField } from '../flowlog/fields.js';
import { unitsOf } from '../flowlog/time-format.js';

/** `srcaddr=src_ip` as the column that holds a field. */
export function parseColumns(given: readonly string[] = []): ReadonlyMap<string, string> {
  return new Map(
    given.map((text) => {
      const [, name = '', column = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
      const field = findField(name.trim());
      if (!field || column.trim() === '') {
        throw new UsageError(
          `--column '${text}' does not name a column of the table for a field.`,
          field || column.trim() === ''
            ? 'Write FIELD=COLUMN, such as --column srcaddr=src_ip.'
            : `The fields are ${FIELDS.map((each) => each.column).join(', ')}.`,
        );
      }
      return [field.column, column.trim().toLowerCase()] as const;
    }),
  );
}

/** `day:yyyy-MM-dd` as a partition key and how its values are spelled. */
export function parseTimeKeys(given: readonly string[] = []): ReadonlyMap<string, string> {
  return new Map(
    given.map((text) => {
      const [, name = '', format = ''] = /^([^:]+):(.+)$/s.exec(text) ?? [];
      if (unitsOf(format) === undefined) {
        throw new UsageError(
          `--time-key '${text}' does not name a partition key and its format.`,
          'Write KEY:FORMAT with yyyy, MM, dd and HH in this order, such as day:yyyy-MM-dd or hour:yyyy/MM/dd/HH. ' +
            'For keys of their own: --time-key y:yyyy --time-key m:MM --time-key d:dd.',
        );
      }
      return [name.trim().toLowerCase(), format] as const;
    }),
  );
}
