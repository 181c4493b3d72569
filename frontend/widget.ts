// The widget: a survey inside somebody's page. It brings everything with it, needs no style and no script of the page,
// and shows itself by its rules. The server calls this script with the survey inside (answering/views/widget_script.py).
import { type Answers, type Json, holds } from "./jsonlogic";
import { keep, kept, openOutbox } from "./kept";

/** A text, with its language where that is not the one of our own words. */
type Said = string | [string, string];

interface Question {
  key: string;
  type: string;
  text: Said;
  help?: Said;
  required?: boolean;
  options?: [Json, Said][];
  most?: number;
  if?: Json;
  ends?: [string, string];
}

interface Contents {
  kind: "popover" | "inline" | "button";
  locale: string;
  lang: string;
  dir: string;
  when: { paths?: string[]; delay?: number; scroll?: number; sample?: number; again?: number };
  title: Said;
  intro?: Said;
  thanks?: Said;
  questions: Question[];
  words: Record<"send" | "close" | "open" | "link" | "optional" | "required" | "thanks" | "readers" | "kept" | "closed", string>;
  link?: string;
  isTrial?: boolean;
}

/** A response that is not sent yet; `sent` is what of it was posted, at `at`. */
interface Draft {
  key: string;
  answers: Answers;
  revision: number;
  sent?: Answers;
  at?: number;
}

/** What is known of this person: the lot that decides about the sample, when they saw it, and what they began. */
interface Memory {
  lot?: number;
  seen?: number;
  draft?: Draft;
}

declare const HEED: Contents;
declare const STYLES: string;
/** The small build cannot read conditions: most surveys have none, and their pages need not load what reads them. */
declare const IS_FULL: boolean;

const DAY_MS = 86_400_000;
const TICK_MS = 250;
/** Another score sooner than this after the one before would look like a machine trying them all. */
const CORRECTION_MS = 10_500;

const { kind, words, when, questions, isTrial } = HEED;
const script = document.currentScript as HTMLScriptElement;
const [address = ""] = script.src.split(/\.js[^/]*$/);
const widgetKey = address.split("/").pop() ?? "";
const name = `heed:${widgetKey}`;
const outbox = openOutbox(`${name}:`, `${address}/responses?lang=${HEED.locale}`);
const memory: Memory = (!isTrial && kept<Memory>(name)) || {};
const host = element("div");
const root = host.attachShadow({ mode: "open" });
// What shows itself takes nobody's focus away; it is read out to who does not see it.
const inside = element("div", { lang: HEED.lang, dir: HEED.dir, ariaLive: "polite" });

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
  const made = element(tag, {}, plain(said));
  if (Array.isArray(said)) made.lang = said[1];
  return made;
}

function plain(said: Said): string {
  return Array.isArray(said) ? said[0] : said;
}

// --- questions: one function for each type ---

type Draw = (question: Question, value: Json | undefined, answer: (value: Json) => void) => Node[];

/** Answers to choose one from, each with its value; `labels` are read out in place of what is shown. */
function picks(className: string, { key, options = [] }: Question, given: Json | undefined, answer: (value: Json) => void, labels: string[] = []): Node {
  const rows = options.map(([value, said], at) => {
    const input = element("input", { type: "radio", name: key, checked: value === given, onchange: () => answer(value) });
    input.ariaLabel = labels[at] ?? null;
    return element("label", {}, input, say("span", said));
  });
  return element("div", { className }, ...rows);
}

const list: Draw = (question, value, answer) => [picks("list", question, value, answer)];

const TYPES: Record<string, Draw> = {
  nps(question, value, answer) {
    const [low = "", high = ""] = question.ends ?? [];
    const ends = element("div", { className: "ends", ariaHidden: "true" }, element("span", {}, low), element("span", {}, high));
    return [picks("scale", question, value, answer, [`0 ${low}`, ...Array(9), `10 ${high}`]), ends];
  },
  csat: list,
  choice: list,
  text(question, value, answer) {
    const field = element("textarea", { rows: 3, value: String(value ?? ""), maxLength: question.most ?? -1, ariaLabel: plain(question.text) });
    field.oninput = () => answer(field.value.trim());
    return [field];
  },
};

// --- the survey ---

function survey(): HTMLFormElement {
  const button = element("button", { className: "send" }, words.send);
  const parts = questions.map((question) => ({ question, field: element("fieldset") }));
  // Only what applies is shown; until a first question that must be answered is, it stands alone.
  const refresh = (): void => {
    answers = {};
    let isWaiting = false;
    for (const { question, field } of parts) {
      const value = draft.answers[question.key];
      field.hidden = isWaiting || (IS_FULL && !!question.if && !holds(question.if, answers));
      if (!field.hidden && value !== undefined && value !== "") answers[question.key] = value;
      isWaiting ||= question === questions[0] && !!question.required && question.type !== "text" && value === undefined;
    }
    button.hidden = isWaiting;
  };
  for (const { question, field } of parts) {
    const legend = say("legend", question.text);
    if (!question.required) legend.append(element("small", {}, ` ${words.optional}`));
    if (question.help) legend.append(say("small", question.help));
    field.append(
      legend,
      ...drawn(question, draft.answers[question.key], (value) => {
        draft.answers[question.key] = value;
        legend.querySelector(".wrong")?.remove();
        memory.draft = draft;
        remember();
        refresh();
      }),
    );
  }
  refresh();
  const form = element("form", { noValidate: true }, ...parts.map(({ field }) => field), button);
  if (HEED.intro) form.prepend(say("p", HEED.intro));
  form.onsubmit = (event) => {
    event.preventDefault();
    const isEmpty = !Object.keys(answers).length;
    const missing = parts.filter(({ question, field }, at) => {
      return !field.hidden && !(question.key in answers) && (question.required || (isEmpty && !at));
    });
    for (const { field } of missing) {
      if (!field.querySelector(".wrong")) field.firstChild?.appendChild(element("small", { className: "wrong" }, words.required));
    }
    if (missing[0]) missing[0].field.querySelector<HTMLElement>("input, textarea")?.focus();
    else void finish(form, button);
  };
  return form;
}

function drawn(question: Question, value: Json | undefined, answer: (value: Json) => void): Node[] {
  return TYPES[question.type]?.(question, value, answer) ?? [];
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
  const lines = isRefused ? [] : [HEED.thanks, words.readers, status ? undefined : words.kept];
  form.replaceWith(heading, ...lines.flatMap((line) => (line ? [say("p", line)] : [])));
  heading.focus();
}

/** Sends what has been answered. What the server has and is gone is sent as an empty text; a corrected score waits. */
function post(complete: boolean): Promise<number> {
  if (isTrial) return Promise.resolve(200);
  const { key, sent = {}, at = 0 } = draft;
  const emptied = Object.keys(sent).filter((each) => typeof sent[each] === "string" && !(each in answers));
  const isCorrection = Object.keys(sent).some((each) => typeof sent[each] === "number" && sent[each] !== answers[each]);
  const after = isCorrection ? at + CORRECTION_MS : 0;
  Object.assign(draft, { sent: answers, at: Math.max(Date.now(), after), revision: draft.revision + 1 });
  const whole = { ...Object.fromEntries(emptied.map((each) => [each, ""])), ...answers };
  return outbox.send({ key, answers: whole, complete, revision: draft.revision }, after);
}

/** The visitor turns away: what was answered so far is sent. */
function leave(): void {
  if (!Object.keys(answers).length || JSON.stringify(answers) === JSON.stringify(draft.sent)) return;
  void post(false);
  remember();
}

function begin(): void {
  draft = memory.draft ?? { key: crypto.getRandomValues(new Uint32Array(4)).join("-"), answers: {}, revision: 0 };
  answers = {};
}

function remember(): void {
  if (!isTrial) keep(name, memory);
}

// --- where it stands ---

function show(byHand: boolean): void {
  if (box) return box.focus();
  begin();
  const isInline = kind === "inline";
  const properties = { className: kind, role: isInline ? null : "dialog", tabIndex: -1, ariaLabel: plain(HEED.title) };
  const parts: Node[] = [say("h2", HEED.title)];
  if (!isInline) parts.unshift(element("button", { className: "close", ariaLabel: words.close, onclick: close }, "×"));
  box = element("section", properties, ...parts, canDraw() ? survey() : linkAway());
  opener = byHand ? (root.activeElement ?? document.activeElement) : null;
  inside.prepend(box);
  if (byHand) box.focus();
}

function close(): void {
  if (!box) return;
  leave();
  const hadFocus = !!root.activeElement;
  box.remove();
  box = undefined;
  if (hadFocus) (opener as HTMLElement | null)?.focus();
}

function canDraw(): boolean {
  return questions.every(({ type }) => type in TYPES);
}

function linkAway(): Node {
  const href = new URL(HEED.link ?? "", script.src).href;
  return element("a", { className: "send", href, target: "_blank", rel: "noopener" }, words.link);
}


function start(): void {
  if (document.querySelector(`[data-heed="${widgetKey}"]`)) return;
  if (!canDraw() && !HEED.link) return console.warn("Heed: this survey needs an open link");
  host.dataset.heed = widgetKey;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLES);
  root.adoptedStyleSheets = [sheet];
  root.append(inside);
  // The page's own keys must not hear what is typed here.
  for (const type of ["keydown", "keyup", "keypress"]) root.addEventListener(type, hear);
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

function hear(event: Event): void {
  if (event.currentTarget === root) event.stopPropagation();
  const isEscape = event.type === "keydown" && (event as KeyboardEvent).key === "Escape" && !event.defaultPrevented;
  if (isEscape && kind !== "inline") close();
}

/** Inline where the script stands or in the place it names; the others over the page. */
function stand(): void {
  const { target } = script.dataset;
  if (kind === "inline") {
    const place = target ? document.querySelector(target) : null;
    if (place) place.append(host);
    else if (document.body.contains(script)) script.after(host);
    else document.body.append(host);
    return;
  }
  document.body.append(host);
  host.popover = "manual";
  host.showPopover();
}

// --- when it shows itself ---

/** Whether this person is in the sample, always with the same lot, and has not seen it (or long enough ago). */
function isChosen(): boolean {
  const { sample = 100, again = Infinity } = when;
  if (sample < 100 && memory.lot === undefined) {
    memory.lot = Math.random() * 100;
    remember();
  }
  return (memory.lot ?? 0) < sample && !(memory.seen && Date.now() < memory.seen + again * DAY_MS);
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
    if (!isHere(path) || Date.now() < since + (when.delay ?? 0) * 1_000 || seen < (when.scroll ?? 0) - 1) return;
    clearInterval(timer);
    appear();
  };
  const timer = setInterval(look, TICK_MS);
  look();
}

function isHere(path: string): boolean {
  const { paths } = when;
  const written = (paths ?? ["*"]).map((each) => each.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*"));
  return RegExp(`^(${written.join("|")})$`).test(path);
}

function appear(): void {
  if (kind === "popover") {
    memory.seen = Date.now();
    remember();
  }
  if (kind !== "button") return show(false);
  if ("ownButton" in script.dataset) return;
  inside.append(element("button", { className: "send open", ariaHasPopup: "dialog", onclick: () => show(true) }, words.open));
}

if (document.readyState === "loading") addEventListener("DOMContentLoaded", start);
else start();
