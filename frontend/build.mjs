// Builds the styles and scripts of the pages into app/web/static/build/: each file under a name with a hash of its
// content, a .gz beside it, and manifest.json, which tells app/web/assets.py the names; and what draws the charts into
// app/web/static/server/. Stops at an icon that is not there.
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, transform } from "esbuild";
import { PurgeCSS } from "purgecss";
import { iconSprite } from "./sprite.mjs";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
process.chdir(root);
const place = "app/web/static/build";
// Written beside and put in place at the end, so that a running server never finds half of it.
const out = `${place}.new`;
// What only the server reads; no browser is handed this folder.
const serverPlace = "app/web/static/server";
const target = ["chrome123", "firefox128", "safari17.5"];
// All that may name a class, a variable or an icon: the templates, the code that hands names to them, and our scripts.
const sources = ["app/**/templates/**/*.html", "app/**/*.py", "frontend/**/*.ts"];

async function bundle(entry, define = {}, format = "iife") {
  const options = { bundle: true, write: false, target, legalComments: "none", format, charset: "utf8" };
  const result = await build({ ...options, entryPoints: [entry], minify: entry.endsWith(".ts"), define });
  return result.outputFiles[0].text;
}

/** What draws the questions of a widget, a script for each way of answering. */
async function widgetParts() {
  const names = ["boxes", "date", "number", "pair", "text"];
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [`widget-${name}.js`, await bundle(`frontend/widget/${name}.ts`)])),
  );
}

/** The chart library for the interpreter inside Python, which has no timers to offer. */
async function serverCharts() {
  const options = { bundle: true, write: false, target: "es2020", legalComments: "none", format: "iife", minify: true };
  const result = await build({ ...options, entryPoints: ["frontend/charts.ts"] });
  return result.outputFiles[0].text;
}

async function staffStyles() {
  const raw = await bundle("frontend/styles/app.css");
  const purged = await new PurgeCSS().purge({
    content: sources,
    css: [{ raw, extension: "css" }],
    variables: true,
    keyframes: true,
    // What no source spells out: htmx sets its classes at run time, a macro joins a component's name and its tone.
    safelist: {
      standard: [/^htmx-/, /^(notice|pill|clock|story|skeleton|chart)-/, /^btn-(primary|danger)$/],
      // Named by the drawings alone.
      variables: [/^--chart-/],
    },
  });
  return minified(purged[0].css);
}

/** The mark in white on a square of the accent, which stands out on a light and on a dark tab. */
function favicon(mark) {
  const shapes = mark.slice(mark.indexOf(">") + 1, mark.lastIndexOf("</svg>")).replaceAll("currentColor", "#fff").trim();
  const square = '<rect x="-4" y="-4" width="32" height="32" rx="8" fill="#0f6b70" />';
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-4 -4 32 32" fill="none">${square}${shapes}</svg>\n`;
}

async function minified(css) {
  return (await transform(css, { loader: "css", minify: true, target, charset: "utf8" })).code;
}

function write(name, text) {
  const { name: stem, ext } = path.parse(name);
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 10);
  const hashed = `${stem}.${hash}${ext}`;
  const packed = gzipSync(text, { level: 9 });
  fs.writeFileSync(path.join(out, hashed), text);
  fs.writeFileSync(path.join(out, `${hashed}.gz`), packed);
  console.log(`${name.padEnd(17)} ${String(text.length).padStart(7)}  compressed ${String(packed.length).padStart(6)}`);
  return hashed;
}

fs.rmSync(out, { recursive: true, force: true });
fs.mkdirSync(out, { recursive: true });
// The minifier leaves the values of variables as they are written.
const widgetStyles = (await minified(fs.readFileSync("frontend/styles/widget.css", "utf8"))).trim().replace(/([:,]) /g, "$1");
const mark = fs.readFileSync("frontend/icons/heed-mark.svg", "utf8").trim();
const files = {
  "app.css": await staffStyles(),
  "app.js": await bundle("frontend/app.ts"),
  "respond.css": (await minified(fs.readFileSync("frontend/styles/respond.css", "utf8"))).trim(),
  "print.css": (await minified(fs.readFileSync("frontend/styles/print.css", "utf8"))).trim(),
  "passkeys.js": await bundle("frontend/passkeys.ts"),
  "respond.js": await bundle("frontend/respond.ts"),
  "widget.js": await bundle("frontend/widget.ts", { STYLES: JSON.stringify(widgetStyles) }, "esm"),
  ...(await widgetParts()),
  "icons.svg": iconSprite(sources),
  "heed-mark.svg": mark,
  "favicon.svg": favicon(mark),
};
const manifest = Object.fromEntries(Object.entries(files).map(([name, text]) => [name, write(name, text)]));
fs.writeFileSync(path.join(out, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
fs.mkdirSync(serverPlace, { recursive: true });
fs.writeFileSync(path.join(serverPlace, "charts.js.new"), await serverCharts());
fs.renameSync(path.join(serverPlace, "charts.js.new"), path.join(serverPlace, "charts.js"));
fs.rmSync(place, { recursive: true, force: true });
fs.renameSync(out, place);
