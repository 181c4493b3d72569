// The customer's page with script: follow-up questions appear in place and answers are saved as they are given. Nothing
// is sent before a person has touched the form: opening the link, by whomever, must not answer it.
import { Drafts, forgetDrafts } from "./drafts";
import { readAnswers, writeAnswers } from "./questions";

function enhance(form: HTMLFormElement): void {
  const { save, key, revision } = form.dataset;
  const note = form.querySelector<HTMLElement>("[data-unsaved]");
  const drafts = new Drafts(save ?? form.action, key, Number(revision ?? 0), readAnswers(form), (isWaiting) => {
    if (note) note.textContent = isWaiting ? (note.dataset.unsaved ?? "") : "";
  });
  const kept = drafts.restore();
  if (kept) writeAnswers(form, kept);
  readAnswers(form);
  form.addEventListener("input", (event) => {
    const answers = readAnswers(form);
    if (event.isTrusted) drafts.save(answers);
  });
  form.addEventListener("submit", () => {
    const counter = form.elements.namedItem("heed.revision");
    if (counter instanceof HTMLInputElement) counter.value = String(drafts.nextRevision());
    drafts.stop();
  });
  addEventListener("pageshow", (event) => event.persisted && drafts.resume());
}

const form = document.querySelector<HTMLFormElement>("form[data-save]");
if (form) enhance(form);
else forgetDrafts();
