// Reads and writes the answers that stand in the form, and shows the questions whose condition holds.
import { type Answers, type Json, holds } from "./jsonlogic";

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
    const value = answers[question.dataset.question ?? ""];
    const chosen = (Array.isArray(value) ? value : [value]).map(String);
    for (const input of inputs(question)) {
      if (input.type === "radio" || input.type === "checkbox") input.checked = chosen.includes(input.value);
      else input.value = value === undefined ? "" : String(value);
    }
  }
}

function read(question: HTMLFieldSetElement): Json | undefined {
  const fields = inputs(question);
  const ticked = fields.filter((input) => input.checked).map((input) => input.value);
  switch (question.dataset.type) {
    case "text":
      return fields[0]?.value.trim() || undefined;
    case "choice":
      return ticked[0];
    default:
      return ticked[0] === undefined ? undefined : Number(ticked[0]);
  }
}

function inputs(question: HTMLFieldSetElement): HTMLInputElement[] {
  return [...question.querySelectorAll<HTMLInputElement>("input, textarea")];
}
