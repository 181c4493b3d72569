// What a widget keeps on this device: answers until the server has them, and what it knows of this person. Where the
// browser keeps nothing for the page, it is kept for as long as the page is open.
import type { Answers } from "./jsonlogic";

export interface Letter {
  key: string;
  answers: Answers;
  complete: boolean;
  revision: number;
}

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;
/** The status of a letter that waits for its time. */
const HELD = 202;
/** Above this a browser refuses to go on sending when the page is left. */
const MOST_KEEPALIVE = 20_000;

let shelf: Record<string, string> = {};
try {
  // Some web views have null here.
  shelf = (localStorage as unknown as Record<string, string> | null) ?? shelf;
} catch {
  // The browser keeps nothing for this page.
}

export function keep(name: string, value: unknown): void {
  const text = JSON.stringify(value);
  try {
    shelf[name] = text;
  } catch {
    shelf = { ...shelf, [name]: text };
  }
}

export function kept<T>(name: string): T | null {
  return JSON.parse(shelf[name] ?? "null") as T | null;
}

/** Letters on their way. Each stays on the shelf, under a name that begins with `prefix`, until the server has answered
    it, whatever happens. */
export function openOutbox(prefix: string, address: string): { send: (letter: Letter, after: number) => Promise<number>; flush: () => void } {
  let retryMs = FIRST_RETRY_MS;
  let timer = 0;

  const flush = (): void => {
    for (const name of Object.keys(shelf)) if (name.startsWith(prefix)) void deliver(name);
  };

  const later = (ms: number): void => {
    clearTimeout(timer);
    timer = setTimeout(flush, ms);
  };

  const deliver = async (name: string): Promise<number> => {
    const text = shelf[name] ?? "[]";
    const [after = 0, letter] = JSON.parse(text) as [number, Letter];
    const body = JSON.stringify(letter);
    const waitMs = after - Date.now();
    if (waitMs > 0) {
      later(waitMs);
      return HELD;
    }
    const answer = await fetch(address, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body,
      keepalive: body.length < MOST_KEEPALIVE,
      credentials: "omit",
    }).catch(() => null);
    const status = answer?.status ?? 0;
    if (status < 200 || status > 499 || status === 408 || status === 429) {
      later(Math.max(retryMs, Number(answer?.headers.get("Retry-After")) * 1_000));
      retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
      return 0;
    }
    if (status > 299) console.warn("Heed: refused", status);
    if (shelf[name] === text) delete shelf[name];
    return status;
  };

  addEventListener("online", flush);
  return {
    /** Sends the letter, not before `after` (ms since 1970), in the place of an earlier one of the same key. Gives the
        status, 0 when it could not be sent yet. */
    send(letter, after) {
      const name = prefix + letter.key;
      keep(name, [after, letter]);
      return deliver(name);
    },
    /** Sends what earlier pages could not. */
    flush,
  };
}
