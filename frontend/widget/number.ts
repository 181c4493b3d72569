// A typed number with its unit: a text field, because number fields lose what they do not understand.
import { toNumber } from "../numbers";
import type {} from "./kit";

PARTS.number = ({ least = -1e9, most = 1e9, decimals = 0, unit }, _given, _answer, { typed, say }) => {
  const field = typed("input", { inputMode: "decimal", maxLength: 24, autocomplete: "off" }, ({ value }) => {
    const number = toNumber(value, decimals);
    return number >= least && number <= most ? number : value.trim() && null;
  });
  return unit ? [field, "\u2002", say("span", unit)] : [field];
};
