// An open answer.
import type {} from "./kit";

PARTS.text = ({ most }, _given, _answer, { typed }) => {
  return [typed("textarea", { rows: 3, dir: "auto", maxLength: most }, (field) => field.value.trim())];
};
