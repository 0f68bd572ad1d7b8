/** The members of a struct type and their types, `struct<a:int,b:struct<c:string>>`; undefined for any other type. */
export function structMembers(type: string): ReadonlyMap<string, string> | undefined {
  const body = /^(?:struct<(.*)>|row\((.*)\))$/is.exec(type.trim());
  if (!body) return undefined;
  const separator = body[1] === undefined ? /^\s*"?(.+?)"?\s+(.+)$/s : /^\s*([^:]+?)\s*:\s*(.+)$/s;
  const members = new Map<string, string>();
  for (const part of parts(body[1] ?? body[2]!)) {
    const [, name, memberType] = separator.exec(part) ?? [];
    if (name !== undefined) members.set(name.toLowerCase(), memberType!.trim().toLowerCase());
  }
  return members;
}

/** Splits at the commas that are in no brackets. */
function parts(text: string): string[] {
  const found: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    if ('<('.includes(text[at]!)) depth++;
    else if ('>)'.includes(text[at]!)) depth--;
    else if (text[at] === ',' && depth === 0) {
      found.push(text.slice(from, at));
      from = at + 1;
    }
  }
  return [...found, text.slice(from)].filter((part) => part.trim() !== '');
}
