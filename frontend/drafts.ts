// Saves what has been answered so far, and keeps it on this device until the server has it.
import type { Answers } from "./jsonlogic";

interface Draft {
  answers: Answers;
  revision: number;
}

const PREFIX = "heed-draft:";
const PAUSE_MS = 800;
/** A link that gives two scores faster than this looks like a machine trying them all, so a corrected score waits. */
const CORRECTION_MS = 10_500;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;
/** The survey is over for this link: trying again cannot help. */
const OVER = [404, 409, 410, 413];

export class Drafts {
  private draft: Draft | null = null;
  private timer = 0;
  private retryMs = FIRST_RETRY_MS;
  private isSending = false;
  private isOver = false;
  private sentAt = -Infinity;

  /** `known` is what the server has: it merges what is sent, so an answer that is gone must be sent as an empty one. */
  constructor(
    private readonly address: string,
    private readonly key: string | undefined,
    private revision: number,
    private known: Answers,
    private readonly onWaiting: (isWaiting: boolean) => void,
  ) {
    addEventListener("online", () => this.schedule(0));
  }

  /** What an earlier visit in this tab could not send, when it is newer than what the server has. */
  restore(): Answers | null {
    const kept = sessionStorage.getItem(PREFIX + this.address);
    const draft = kept ? (JSON.parse(kept) as Draft) : null;
    if (!draft || draft.revision <= this.revision) return null;
    this.draft = draft;
    this.revision = draft.revision;
    this.schedule(PAUSE_MS);
    return draft.answers;
  }

  /** Keeps `answers` here at once and sends them after a pause in typing. */
  save(answers: Answers): void {
    this.draft = { answers, revision: this.nextRevision() };
    sessionStorage.setItem(PREFIX + this.address, JSON.stringify(this.draft));
    this.retryMs = FIRST_RETRY_MS;
    this.schedule(PAUSE_MS);
  }

  /** The number of the next thing that is sent, this form's Send included: the server keeps the highest. */
  nextRevision(): number {
    return ++this.revision;
  }

  /** Sends nothing more: the form itself is on its way. */
  stop(): void {
    this.isOver = true;
    clearTimeout(this.timer);
  }

  /** The reader came back to the page: the form may not have arrived. */
  resume(): void {
    this.isOver = false;
  }

  private schedule(delay: number): void {
    clearTimeout(this.timer);
    if (this.isOver || !this.draft) return;
    const hold = this.isCorrection(this.draft.answers) ? this.sentAt + CORRECTION_MS - performance.now() : 0;
    this.timer = setTimeout(() => void this.send(), Math.max(delay, hold));
  }

  /** Whether a score that the server has is another one now. */
  private isCorrection(answers: Answers): boolean {
    return Object.entries(answers).some(([key, value]) => {
      return typeof value === "number" && typeof this.known[key] === "number" && value !== this.known[key];
    });
  }

  /** The texts and picks that the server has and that were taken back since. */
  private emptied(answers: Answers): Answers {
    const gone = Object.entries(this.known).filter(([key]) => !(key in answers));
    const texts = gone.filter(([, value]) => typeof value === "string").map(([key]) => [key, ""]);
    const picks = gone.filter(([, value]) => Array.isArray(value)).map(([key]) => [key, []]);
    return Object.fromEntries([...texts, ...picks]) as Answers;
  }

  private async send(): Promise<void> {
    const draft = this.draft;
    if (!draft || this.isSending) return;
    this.isSending = true;
    this.sentAt = performance.now();
    const answers = { ...this.emptied(draft.answers), ...draft.answers };
    const body = JSON.stringify({ ...draft, answers, complete: false, ...(this.key && { key: this.key }) });
    const headers = { "Content-Type": "application/json", Accept: "application/json" };
    try {
      const answer = await fetch(this.address, { method: "POST", headers, body, keepalive: true });
      this.settle(answer.status, draft, Number(answer.headers.get("Retry-After")) * 1_000);
    } catch {
      this.settle(0, draft, 0);
    }
  }

  private settle(status: number, sent: Draft, waitMs: number): void {
    this.isSending = false;
    const isRefused = status >= 400 && status < 500 && status !== 429;
    if (OVER.includes(status)) this.isOver = true;
    if ((status >= 200 && status < 300) || isRefused) {
      const isNewest = this.draft === sent;
      if (!isRefused) this.known = sent.answers;
      if (isNewest) this.draft = null;
      if (isNewest && !isRefused) sessionStorage.removeItem(PREFIX + this.address);
      this.onWaiting(false);
      this.schedule(0);
      return;
    }
    this.onWaiting(true);
    this.schedule(Math.max(this.retryMs, waitMs));
    this.retryMs = Math.min(this.retryMs * 2, LONGEST_RETRY_MS);
  }
}

/** Forgets every draft of this tab; a page after sending calls it, so that the next person here starts empty. */
export function forgetDrafts(): void {
  for (const name of Object.keys(sessionStorage)) if (name.startsWith(PREFIX)) sessionStorage.removeItem(name);
}
