// Numbers as people type them, read as the server reads them (question_types/number.py).
const GROUPED = /^[1-9]\d{0,2}([.,])\d{3}(?:\1\d{3})*$/;
const PLAIN = /^\d+(?:[.,]\d+)?$/;

/**
 * The number that was typed, with a comma or a point and with groups of thousands; NaN for anything else, and for one
 * with more than `decimals` decimals. One mark before three digits groups only where no decimals may follow.
 */
export function toNumber(typed: string, decimals: number): number {
  const text = typed.normalize("NFKC").replaceAll("\u2212", "-").replace(/[\s'’]/g, "");
  const digits = text.replace(/^-/, "");
  const number = unsigned(digits, decimals) * (digits === text ? 1 : -1);
  return Number(number.toFixed(decimals)) === number ? number : NaN;
}

function unsigned(digits: string, decimals: number): number {
  const marks = digits.replace(/[^.,]/g, "");
  const first = marks.charAt(0);
  const last = marks.at(-1) ?? "";
  const at = digits.lastIndexOf(last);
  if (first !== last && marks.indexOf(last) === marks.length - 1) {
    const whole = digits.slice(0, at);
    const fraction = digits.slice(at + 1);
    return GROUPED.test(whole) && /^\d+$/.test(fraction) ? Number(`${whole.replaceAll(first, "")}.${fraction}`) : NaN;
  }
  if (GROUPED.test(digits) && (marks.length > 1 || decimals === 0)) return Number(digits.replaceAll(first, ""));
  return PLAIN.test(digits) ? Number(digits.replace(",", ".")) : NaN;
}
