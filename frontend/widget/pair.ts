// One thing on two scales, such as what was expected and what was got. Half of it is no answer.
import type { Json } from "../jsonlogic";
import type {} from "./kit";

PARTS.pair = (question, given, answer, { element, picks }) => {
  const { key, parts = [] } = question;
  const both = { ...(given as Record<string, Json>) };
  return parts.map(([part, words]) => {
    const scale = picks({ ...question, key: `${key}.${part}` }, both[part], (value) => {
      both[part] = value;
      answer(parts.every(([each]) => each in both) ? { ...both } : null);
    });
    return element("fieldset", {}, element("legend", {}, words), ...scale);
  });
};
