// The part of JSONLogic that decides whether a question is shown. The server decides again with the whole of it.
// Comparing with an answer that is not there is false, so that a follow-up question waits for the answer it follows.
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Answers = Record<string, Json>;

type Operator = (values: Json[]) => Json;

const ordered = (compare: (a: number, b: number) => boolean): Operator => {
  return (values) => values.every((value, i) => i === 0 || inOrder(values[i - 1], value, compare));
};

const OPERATORS: Record<string, Operator> = {
  "==": ([a, b]) => same(a, b),
  "!=": ([a, b]) => !same(a, b),
  "===": ([a, b]) => a === b,
  "!==": ([a, b]) => a !== b,
  "<": ordered((a, b) => a < b),
  "<=": ordered((a, b) => a <= b),
  ">": ordered((a, b) => a > b),
  ">=": ordered((a, b) => a >= b),
  "!": ([a]) => !truthy(a),
  "!!": ([a]) => truthy(a),
  in: ([a, b]) => (Array.isArray(b) ? b.includes(a ?? null) : typeof b === "string" && b.includes(String(a))),
};

/** Whether `rule` holds for `answers`; a rule that this subset cannot read holds, so that no question gets lost. */
export function holds(rule: Json, answers: Answers): boolean {
  try {
    return truthy(evaluate(rule, answers));
  } catch {
    return true;
  }
}

function evaluate(rule: Json | undefined, answers: Answers): Json {
  if (Array.isArray(rule)) return rule.map((part) => evaluate(part, answers));
  if (rule === null || rule === undefined || typeof rule !== "object") return rule ?? null;
  const [name, given] = Object.entries(rule)[0] ?? ["", null];
  const parts = Array.isArray(given) ? given : [given];
  const value = (part?: Json): Json => evaluate(part, answers);
  if (name === "var") return find(String(value(parts[0])), answers) ?? value(parts[1]);
  if (name === "missing") return parts.map(value).flat().filter((key) => !(String(key) in answers));
  if (name === "and") return parts.every((part) => truthy(value(part)));
  if (name === "or") return parts.some((part) => truthy(value(part)));
  if (name === "if") return choose(parts, value);
  const operator = OPERATORS[name];
  if (!operator) throw new Error(name);
  return operator(parts.map(value));
}

/** The answer to a question, or with `<key>.<part>` one number of a pair. */
function find(name: string, answers: Answers): Json | undefined {
  const [key = "", part] = name.split(".");
  const answer = answers[key];
  if (part === undefined) return answer;
  return typeof answer === "object" && answer !== null && !Array.isArray(answer) ? answer[part] : undefined;
}

function choose(parts: Json[], value: (part?: Json) => Json): Json {
  for (let i = 0; i + 1 < parts.length; i += 2) if (truthy(value(parts[i]))) return value(parts[i + 1]);
  return parts.length % 2 ? value(parts.at(-1)) : null;
}

function inOrder(a: Json | undefined, b: Json | undefined, compare: (a: number, b: number) => boolean): boolean {
  // Days are texts that stand in their order.
  if (typeof a === "string" && typeof b === "string") return compare(Number(a > b) - Number(a < b), 0);
  return a !== null && b !== null && compare(Number(a), Number(b));
}

function same(a: Json | undefined, b: Json | undefined): boolean {
  return a === b || (a !== null && b !== null && typeof a !== "object" && typeof b !== "object" && String(a) === String(b));
}

function truthy(value: Json | undefined): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}
