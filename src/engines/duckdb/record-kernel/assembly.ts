// AssemblyScript, compiled to WebAssembly when the program is built: finds the values of records in their text or in the pages of
// Parquet files, puts records in order, and writes them as CSV. Of text that is not as AWS writes it nothing is read.

export { lay, rows } from './rows.assembly';
export { linesIn, take } from './lines.assembly';
export { absent, entriesOfNumbers, entriesOfTexts, keep, mark, marked, page, pass, passAside, passNoAside, room } from './pages.assembly';
export { between, leave, markAll, sift } from './choice.assembly';
export { order } from './order.assembly';
export { end, highest, sum, write, written } from './shown.assembly';
