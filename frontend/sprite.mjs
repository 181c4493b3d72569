// Makes one SVG sprite of the icons that templates and code name: `icon("inbox")` in a template, `icon="inbox"` in Python.
// Our own drawings in frontend/icons/ come first, then Tabler's outline icons.
import fs from "node:fs";
import path from "node:path";
import glob from "fast-glob";

const OWN = "frontend/icons";
const TABLER = "node_modules/@tabler/icons/icons/outline";
const NAMED = /\bicon(?:\(|=)\s*["']([a-z0-9-]+)["']/g;

/** The sprite as text. Throws when a named icon does not exist, saying which file names it. */
export function iconSprite(sources) {
  const named = new Map();
  for (const file of glob.sync(sources.filter((pattern) => !pattern.endsWith(".ts")))) {
    for (const [, name] of fs.readFileSync(file, "utf8").matchAll(NAMED)) named.set(name, file);
  }
  const symbols = [...named.keys()].sort().map((name) => symbol(name, named.get(name)));
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`;
}

function symbol(name, file) {
  const found = [OWN, TABLER].map((folder) => path.join(folder, `${name}.svg`)).find((drawing) => fs.existsSync(drawing));
  if (!found) throw new Error(`${file} names the icon "${name}", which is not one of Tabler's outline icons`);
  const drawing = fs.readFileSync(found, "utf8");
  const inner = drawing.slice(drawing.indexOf(">") + 1, drawing.lastIndexOf("</svg>"));
  const shapes = inner.replace(/<path stroke="none"[^>]*\/>/, "").replace(/\s+/g, " ").replace(/> </g, "><").trim();
  return `<symbol id="${name}" viewBox="0 0 24 24">${shapes}</symbol>`;
}
