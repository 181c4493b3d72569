// Numbers as people type them, read as the server reads them (question_types/number.py).
const GROUPED = /^(-?[1-9]\d{0,2}(?:([.,])\d{3})(?:\2\d{3})*)(?:(?!\2)[.,](\d+))?$/;

/**
 * The number that was typed, with a comma or a point and with groups of thousands; NaN for anything else, and for one
 * with more than `decimals` decimals. One mark before three digits groups only where no decimals may follow.
 */
export function toNumber(typed: string, decimals: number): number {
  const text = typed.normalize("NFKC").replace("\u2212", "-").replace(/[\s'’]/g, "");
  const [, whole = "", mark = "", fraction] = GROUPED.exec(text) ?? [];
  const isGrouped = mark && (fraction || !decimals || whole.split(mark).length > 2);
  const plain = isGrouped ? `${whole.replaceAll(mark, "")}.${fraction ?? 0}` : text.replace(",", ".");
  const number = /^-?\d+(\.\d+)?$/.test(plain) ? Number(plain) : NaN;
  return Number(number.toFixed(decimals)) === number ? number : NaN;
}
