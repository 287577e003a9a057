import { canBegin, isContext, type Row } from "./sequence.ts";
import { NUMBER } from "./tags.ts";

/**
 * Throws TypeError unless context tags ascend, and no absent field is taken for one that may follow (X.680 section
 * 25.6).
 */
export function checkTags(rows: readonly Row[]): void {
  let lowest = 0;
  for (const [i, row] of rows.entries()) {
    const number = row.tag & NUMBER;
    if (isContext(row.tag)) {
      if (number < lowest) throw new TypeError(`${row.key}: tag out of order`);
      lowest = number + 1;
    }
    for (let j = i - 1; j >= 0 && rows[j]?.isOptional; j--) {
      const before = rows[j] as Row;
      const tags = row.tag >= 0 ? [row.tag] : (row.schema.alternatives ?? []);
      const isShared = tags.length === 0 || tags.some((tag) => canBegin(before, tag));
      if (isShared) throw new TypeError(`${row.key}: cannot be told from ${before.key}, which may be absent`);
    }
  }
}
