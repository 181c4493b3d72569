// What the widget and its parts agree on. A part draws one way of answering and is a script of its own: the server puts
// those that a survey needs before the widget (app/surveys/answering/views/widget_script.py).
import type { Json } from "../jsonlogic";

/** A text, with its language where that is not the one of our own words. */
export type Said = string | [string, string];

/** A question as the server describes it. `draw` names its part, which a question with one pick does not need;
    `wrong` is said of what is no answer yet. */
export interface Question {
  key: string;
  draw?: string;
  text: Said;
  /** What the author says of it, and how it is answered. */
  help?: Said[];
  required?: boolean;
  wrong?: string;
  look?: "scale" | "list" | "words";
  /** Each value, what is shown for it, and what is read out instead. */
  options?: [Json, Said, string?][];
  ends?: [string, string];
  parts?: [string, string][];
  least?: number;
  most?: number;
  decimals?: number;
  unit?: Said;
  /** Of a day. */
  min?: string;
  max?: string;
}

/** Takes what stands in a question now: nothing, or null for what is no answer yet. */
export type Answer = (value?: Json) => void;

type Tags = HTMLElementTagNameMap;

export interface Kit {
  /** Another number for each response, the same as long as it is not finished. */
  lot: number;
  element: <K extends keyof Tags>(tag: K, properties?: Partial<Tags[K]>, ...children: (Node | string)[]) => Tags[K];
  say: (tag: keyof Tags, said: Said) => HTMLElement;
  /** The options in their look, and below them the words for both ends. */
  picks: (question: Question, given: Json | undefined, answer: (value: Json) => void) => HTMLElement[];
  /** A field to type in; what `read` finds there is the answer. */
  typed: <K extends "input" | "textarea">(tag: K, own: Partial<Tags[K]>, read: (field: Tags[K]) => Json | undefined) => Tags[K];
}

export type Draw = (question: Question, given: Json | undefined, answer: Answer, kit: Kit) => (Node | string)[];

declare global {
  /** The parts of this survey. */
  const PARTS: Record<string, Draw>;
}
