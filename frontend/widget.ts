// The widget: a survey inside somebody's page. It brings everything with it, needs no style and no script of the page,
// and shows itself by its rules. The server calls this script with the survey inside (answering/views/widget_script.py).
import type { Answers, Json } from "./jsonlogic";
import { keep, kept, openOutbox } from "./kept";
import type { Draw, Kit, Question, Said } from "./widget/kit";

interface Contents {
  kind: "popover" | "inline" | "button";
  locale: string;
  lang: string;
  dir: string;
  /** What is not there is as usual; `paths` is a regular expression. */
  when: { paths?: string; delay?: number; scroll?: number; sample?: number; again?: number };
  title: Said;
  intro?: Said;
  thanks?: Said;
  questions: Question[];
  words: Record<"send" | "close" | "open" | "optional" | "required" | "thanks" | "readers" | "kept" | "closed", string>;
  isTrial?: boolean;
}

/** A response that is not sent yet; `sent` is what of it was posted, at `at`. */
interface Draft {
  key: string;
  answers: Answers;
  revision: number;
  sent: Answers;
  at: number;
}

/** What is known of this person: the lot that decides about the sample, when they saw it, and what they began. */
interface Memory {
  lot?: number;
  seen?: number;
  draft?: Draft;
}

declare const HEED: Contents;
/** By the place of a question: whether it applies, given the answers before it; none where it always does. */
declare const IFS: (((answers: Answers) => unknown) | undefined)[];
declare const STYLES: string;

const DAY_MS = 86_400_000;
const TICK_MS = 250;
/** Another score sooner than this after the one before would look like a machine trying them all. */
const CORRECTION_MS = 10_500;

const { kind, words, questions, isTrial } = HEED;
const { paths = "", delay = 0, scroll = 0, sample = 100, again = Infinity } = HEED.when;
const script = document.currentScript as HTMLScriptElement;
const [, address, widgetKey] = /(.+\/(.+))\.js/.exec(script.src) as unknown as [string, string, string];
const name = `heed:${widgetKey}`;
const outbox = openOutbox(`${name}:`, `${address}/responses?lang=${HEED.locale}`);
const memory: Memory = (!isTrial && kept<Memory>(name)) || {};
const host = element("div");
const root = host.attachShadow({ mode: "open" });
// What shows itself takes nobody's focus away; it is read out to who does not see it.
const inside = element("div", { lang: HEED.lang, dir: HEED.dir, ariaLive: "polite" });
const isInline = kind === "inline";

/** What stands open, who opened it, what was answered there, and which of that applies now. */
let box: HTMLElement | undefined;
let opener: Element | null = null;
let draft: Draft;
let answers: Answers = {};

// --- elements ---

function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Partial<HTMLElementTagNameMap[K]> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function say(tag: keyof HTMLElementTagNameMap, said: Said): HTMLElement {
  const [text = "", lang] = [said].flat();
  return element(tag, lang ? { lang } : {}, text);
}

const picks: Kit["picks"] = ({ key, draw, look, options = [], ends = [] }, given, answer) => {
  const type = draw === "boxes" ? "checkbox" : "radio";
  const rows = options.map(([value, said, ariaLabel = null]) => {
    const checked = [given].flat().includes(value);
    const input = element("input", { type, name: key, checked, ariaLabel, onchange: () => answer(value) });
    return element("label", {}, input, say("span", said));
  });
  const below = element("div", { className: "ends", ariaHidden: "true" }, ...ends.map((each) => say("span", each)));
  return [element("div", { className: look }, ...rows), below];
};

// --- the survey ---

function survey(): HTMLFormElement {
  const button = element("button", { className: "send" }, words.send);
  const fields = questions.map((question) => draw(question, refresh));
  // Only what applies is shown; a first question to pick from that must be answered stands alone until it is.
  function refresh(): void {
    answers = bare();
    button.hidden = false;
    questions.forEach(({ key, options, required }, at) => {
      const field = fields[at]!;
      const value = draft.answers[key];
      field.hidden = button.hidden || !(IFS[at]?.(answers) ?? true);
      if (!field.hidden && (value || value === 0)) answers[key] = value;
      if (!at && required && options && value === undefined) button.hidden = true;
    });
  }
  refresh();
  const form = element("form", { noValidate: true }, ...fields, button);
  if (HEED.intro) form.prepend(say("p", HEED.intro));
  form.onsubmit = (event) => {
    event.preventDefault();
    let first: HTMLElement | undefined;
    questions.forEach(({ key, required, wrong }, at) => {
      const field = fields[at]!;
      const isWrong = draft.answers[key] === null;
      if (field.hidden || key in answers || !(required || isWrong || (!at && !Object.keys(answers).length))) return;
      field.querySelector(".wrong")!.textContent = (isWrong && wrong) || words.required;
      first ??= field;
    });
    if (first) first.querySelector<HTMLElement>("input, textarea")?.focus();
    else void finish(form, button);
  };
  return form;
}

/** A question in its field, with a place for what is wrong with its answer. */
function draw(question: Question, onchange: () => void): HTMLElement {
  const { key, text, help = [], required } = question;
  const fault = element("small", { className: "wrong" });
  const legend = say("legend", text);
  const ariaLabel = legend.textContent;
  const value = String(draft.answers[key] ?? "");
  const answer = (value?: Json): void => {
    if (value === draft.answers[key]) return;
    draft.answers[key] = value as Json;
    fault.textContent = "";
    memory.draft = draft;
    remember();
    onchange();
  };
  const typed: Kit["typed"] = (tag, own, read) => {
    const field = Object.assign(element(tag), { value, ariaLabel }, own);
    field.oninput = () => answer(read(field));
    return field;
  };
  if (!required) legend.append(" ", element("i", {}, words.optional));
  legend.append(...help.map((each) => say("small", each)), fault);
  const drawn = (PARTS[question.draw!] ?? picks)(question, draft.answers[key], answer, {
    lot: parseInt(draft.key),
    element,
    say,
    picks,
    typed,
  });
  return element("fieldset", {}, legend, ...drawn);
}

async function finish(form: HTMLFormElement, button: HTMLButtonElement): Promise<void> {
  button.disabled = true;
  const status = await post(true);
  memory.draft = undefined;
  memory.seen = Date.now();
  remember();
  begin();
  // What was answered before stands; that is as good as an answer.
  const isRefused = status >= 400 && status !== 409;
  const heading = element("h2", { tabIndex: -1 }, isRefused ? words.closed : words.thanks);
  const lines = isRefused ? [] : [HEED.thanks, words.readers, !status && words.kept];
  form.replaceWith(heading, ...lines.flatMap((line) => (line ? [say("p", line)] : [])));
  heading.focus();
}

/** Sends what has been answered. What the server has and is gone is sent as an empty one; a corrected score waits. */
function post(complete: boolean): Promise<number> {
  if (isTrial) return Promise.resolve(200);
  const { key, sent, at } = draft;
  const whole = { ...answers };
  for (const each in sent) whole[each] ??= Array.isArray(sent[each]) ? [] : "";
  // A score is picked; a number that is typed is none.
  const isCorrection = questions.some(({ key, options }) => options && typeof sent[key] === "number" && sent[key] !== answers[key]);
  const after = isCorrection ? at + CORRECTION_MS : 0;
  Object.assign(draft, { sent: answers, at: Math.max(Date.now(), after), revision: draft.revision + 1 });
  return outbox.send({ key, answers: whole, complete, revision: draft.revision }, after);
}

/** The visitor turns away: what was answered so far is sent. */
function leave(): void {
  if (!box || JSON.stringify(answers) === JSON.stringify(draft.sent)) return;
  void post(false);
  remember();
}

function begin(): void {
  const key = crypto.getRandomValues(new Uint32Array(4)).join("-");
  draft = { key, revision: 0, sent: {}, at: 0, ...memory.draft, answers: bare(memory.draft?.answers) };
  answers = {};
}

/** Without a prototype: a question may have any key, such as "constructor". */
function bare(given?: Answers): Answers {
  return { __proto__: null, ...given } as unknown as Answers;
}

function remember(): void {
  if (!isTrial) keep(name, memory);
}

// --- where it stands ---

function show(byHand: boolean): void {
  if (box) return box.focus();
  begin();
  const heading = say("h2", HEED.title);
  const role = isInline ? null : "dialog";
  box = element("section", { className: kind, role, tabIndex: -1, ariaLabel: heading.textContent }, heading, survey());
  if (!isInline) box.prepend(element("button", { className: "close", ariaLabel: words.close, onclick: close }, "×"));
  opener = byHand ? (root.activeElement ?? document.activeElement) : null;
  inside.prepend(box);
  if (byHand) box.focus();
}

function close(): void {
  if (!box) return;
  leave();
  const hadFocus = root.activeElement;
  box.remove();
  box = undefined;
  if (hadFocus) (opener as HTMLElement | null)?.focus();
}

function start(): void {
  if (document.querySelector(`[data-heed="${widgetKey}"]`)) return;
  host.dataset.heed = widgetKey;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLES);
  root.adoptedStyleSheets = [sheet];
  root.append(inside);
  // The page's own keys must not hear what is typed here.
  inside.onkeydown = inside.onkeyup = inside.onkeypress = hear;
  document.addEventListener("keydown", hear);
  document.addEventListener("visibilitychange", () => document.hidden && leave());
  stand();
  const others = heed.Heed;
  heed.Heed = { open: (key) => (key === widgetKey ? show(true) : others?.open(key)) };
  if (isTrial) return appear();
  outbox.flush();
  if (isChosen()) watch();
}

const heed = window as { Heed?: { open: (key: string) => void } };

function hear(event: KeyboardEvent): void {
  if (event.currentTarget === inside) event.stopPropagation();
  if (event.key === "Escape" && !event.defaultPrevented && !isInline) close();
}

/** Inline where the script stands or in the place it names; the others over the page. */
function stand(): void {
  const { body } = document;
  if (isInline) {
    const { target } = script.dataset;
    const place = target && document.querySelector(target);
    if (!place && body.contains(script)) script.after(host);
    else (place || body).append(host);
  } else {
    body.append(host);
    host.popover = "manual";
    host.showPopover();
  }
}

// --- when it shows itself ---

/** Whether this person is in the sample, always with the same lot, and has not seen it (or long enough ago). */
function isChosen(): boolean {
  if (sample < 100) {
    memory.lot ??= Math.random() * 100;
    remember();
  }
  return (memory.lot ?? 0) < sample && !(Date.now() < (memory.seen ?? NaN) + again * DAY_MS);
}

/** Waits for the right page, the delay on it and how far it was scrolled; pages that change without loading count too. */
function watch(): void {
  let path = "";
  let since = 0;
  const look = (): void => {
    if (path !== location.pathname) {
      path = location.pathname;
      since = Date.now();
    }
    // Before its styles are there, a page has not its height: all of it would seem to have been seen.
    const isLoaded = document.readyState === "complete";
    const seen = isLoaded ? ((scrollY + innerHeight) / document.documentElement.scrollHeight) * 100 : 0;
    if (!RegExp(paths).test(path) || Date.now() < since + delay * 1_000 || seen < scroll - 1) return;
    clearInterval(timer);
    appear();
  };
  const timer = setInterval(look, TICK_MS);
  look();
}

function appear(): void {
  if (kind === "popover") {
    memory.seen = Date.now();
    remember();
  }
  if (kind !== "button") show(false);
  else if (!("ownButton" in script.dataset)) {
    inside.append(element("button", { className: "send open", ariaHasPopup: "dialog", onclick: () => show(true) }, words.open));
  }
}

if (document.readyState === "loading") addEventListener("DOMContentLoaded", start);
else start();
