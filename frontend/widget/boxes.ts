// Several answers out of many. Words begin at another place for everybody: the first ones are picked most.
import type { Json } from "../jsonlogic";
import type {} from "./kit";

PARTS.boxes = (question, given, answer, { picks, lot }) => {
  const { options = [], look, least = 1, most = Infinity } = question;
  const first = look === "words" ? lot % options.length : 0;
  const turned = [...options.slice(first), ...options.slice(0, first)];
  const drawn = picks({ ...question, options: turned }, given, () => answer(read()));
  const boxes = [...(drawn[0]?.querySelectorAll("input") ?? [])];
  const read = (): Json | undefined => {
    const picked = turned.filter((_option, at) => boxes[at]?.checked).map(([value]) => value);
    for (const box of boxes) box.disabled = !box.checked && picked.length >= most;
    if (!picked.length) return undefined;
    return picked.length < least ? null : picked;
  };
  read();
  return drawn;
};
