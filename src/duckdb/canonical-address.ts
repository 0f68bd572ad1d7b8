const BYTE = '(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])';
const IPV4 = `${BYTE}(\\.${BYTE}){3}`;
const GROUPS = '([0-9a-f]{1,4}:)*[0-9a-f]{1,4}';

/** SQL for an address as flow logs write it (IPv6 as RFC 5952 has it); NULL where the text is none. */
export function canonicalAddress(text: string): string {
  return `CASE WHEN regexp_full_match(${text}, '${IPV4}') THEN ${text} WHEN contains(${text}, ':') THEN ${ipv6(text)} END`;
}

/** An expression that needs a value more than once, which is computed once. */
const given = (value: string, name: string, expression: string) =>
  `list_transform([${value}], lambda ${name}: ${expression})[1]`;

function ipv6(text: string): string {
  const end = "split_part(written, ':', -1)";
  const byte = (number: number) => `TRY_CAST(split_part(${end}, '.', ${number}) AS UTINYINT)`;
  const hex = `printf('%x:%x', ${byte(1)} * 256::INTEGER + ${byte(2)}, ${byte(3)} * 256::INTEGER + ${byte(4)})`;
  const groupsOnly = `CASE WHEN regexp_full_match(${end}, '${IPV4}') THEN left(written, length(written) - length(${end})) || ${hex} ELSE written END`;
  const count = "len(list_filter(string_split(groups, ':'), lambda part: part <> ''))";
  const whole =
    `CASE WHEN regexp_full_match(groups, '([0-9a-f]{1,4}:){7}[0-9a-f]{1,4}') THEN groups ` +
    `WHEN regexp_full_match(groups, '(${GROUPS})?::(${GROUPS})?') AND ${count} < 8 THEN ` +
    `trim(replace(groups, '::', ':' || repeat('0:', 8 - ${count})), ':') END`;
  const short = "regexp_replace(whole, '(^|:)0+([0-9a-f])', '\\1\\2', 'g')";
  const run = (zeros: number) => `'(^|:)0(:0){${zeros - 1}}(:|$)'`;
  // The longest run of zeros, of several the first.
  const runs = [8, 7, 6, 5, 4, 3, 2].map(
    (zeros) => `WHEN regexp_matches(short, ${run(zeros)}) THEN regexp_replace(short, ${run(zeros)}, '::')`,
  );
  const compressed = `CASE ${runs.join(' ')} ELSE short END`;
  return given(
    `lower(${text})`,
    'written',
    given(groupsOnly, 'groups', given(whole, 'whole', given(short, 'short', compressed))),
  );
}
