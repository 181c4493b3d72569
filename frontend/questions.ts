// Reads and writes the answers that stand in the form, and shows the questions whose condition holds.
import { type Answers, type Json, holds } from "./jsonlogic";
import { toNumber } from "./numbers";

/** The answers to the questions that are shown now. Hides the others and takes them out of the form, in their order. */
export function readAnswers(form: HTMLFormElement): Answers {
  const answers: Answers = {};
  for (const question of form.querySelectorAll<HTMLFieldSetElement>("[data-question]")) {
    const condition = question.dataset.showIf;
    const shown = !condition || holds(JSON.parse(condition) as Json, answers);
    question.hidden = !shown;
    question.disabled = !shown;
    const value = shown ? read(question) : undefined;
    if (value !== undefined) answers[question.dataset.question ?? ""] = value;
  }
  return answers;
}

/** Puts `answers` back into the form, where a question of that key still stands. */
export function writeAnswers(form: HTMLFormElement, answers: Answers): void {
  for (const question of form.querySelectorAll<HTMLFieldSetElement>("[data-question]")) {
    const answer = answers[question.dataset.question ?? ""];
    for (const input of inputs(question)) {
      const value = isPair(answer) ? answer[partOf(input)] : answer;
      const chosen = (Array.isArray(value) ? value : [value]).map(String);
      if (input.type === "radio" || input.type === "checkbox") input.checked = chosen.includes(input.value);
      else input.value = value === undefined ? "" : String(value);
    }
  }
}

/** The answer as the server takes it, or undefined while it would refuse it: half a pair, a number being typed. */
function read(question: HTMLFieldSetElement): Json | undefined {
  const fields = inputs(question);
  const { type, least = "-Infinity", most = "Infinity", decimals } = question.dataset;
  const ticked = fields.filter((input) => input.checked);
  const values = ticked.map((input) => input.value);
  const isWithin = (number: number): boolean => number >= Number(least) && number <= Number(most);
  for (const input of fields) {
    if (input.type === "checkbox") input.disabled = !input.checked && ticked.length >= Number(most);
  }
  switch (type) {
    case "text":
      return fields[0]?.value.trim() || undefined;
    case "date":
      return fields[0]?.validity.valid ? fields[0].value || undefined : undefined;
    case "number": {
      const number = toNumber(fields[0]?.value ?? "", Number(decimals));
      return isWithin(number) ? number : undefined;
    }
    case "choice":
      return values[0];
    case "multiple":
      return values[0] !== undefined && isWithin(values.length) ? values : undefined;
    case "emotion":
      return values[0] !== undefined && isWithin(values.length) ? values.map(Number) : undefined;
    case "expectation":
      return values.length === 2 ? Object.fromEntries(ticked.map((input) => [partOf(input), Number(input.value)])) : undefined;
    default:
      return values[0] === undefined ? undefined : Number(values[0]);
  }
}

function inputs(question: HTMLFieldSetElement): HTMLInputElement[] {
  return [...question.querySelectorAll<HTMLInputElement>("input, textarea")];
}

function isPair(answer: Json | undefined): answer is { [part: string]: Json } {
  return typeof answer === "object" && answer !== null && !Array.isArray(answer);
}

/** Of a pair: which of its two numbers this input gives. */
function partOf(input: HTMLInputElement): string {
  return input.name.split(".")[1] ?? "";
}
