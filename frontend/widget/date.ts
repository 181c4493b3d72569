// A day, in the browser's own field.
import type {} from "./kit";

PARTS.date = ({ min, max }, _given, _answer, { typed }) => {
  const field = typed("input", { type: "date", min, max }, ({ validity, value }) => (validity.valid ? value || undefined : null));
  // The keys of a day that is half typed are no input yet.
  field.onkeyup = field.oninput as () => void;
  return [field];
};
