// Accessibility as axe-core sees it: no violation, and nothing left open that is not explained here.
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { SITE, kinds, launch, pages, serve } from "./lib.mjs";

const axe = await readFile(new URL("node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
let browser, server;
before(async () => { [browser, server] = [await launch(), await serve(SITE)]; });
after(async () => { await browser.close(); await server.close(); });

// What axe cannot decide, and why it is right.
const EXPLAINED = [
  // Text over a picture or below another layer: the colours themselves are tried in tokens.test.mjs.
  "color-contrast",
];

async function look(path, options, prepare) {
  const context = await browser.newContext({ serviceWorkers: "block", bypassCSP: true, ...options });
  const page = await context.newPage();
  await page.goto(server.url + path);
  await page.mouse.move(5, 5);
  await page.waitForTimeout(150);
  if (prepare) await prepare(page);
  await page.evaluate(axe);
  const found = await page.evaluate(() => axe.run(document, { resultTypes: ["violations", "incomplete"] }));
  await context.close();
  const short = (list) => list.map((it) => `${it.id}: ${it.nodes.slice(0, 3).map((node) => node.html.slice(0, 120)).join(" | ")}`);
  assert.deepEqual(short(found.violations), [], `${path}: violations`);
  assert.deepEqual(short(found.incomplete.filter((it) => !EXPLAINED.includes(it.id))), [], `${path}: left open`);
}

const all = await pages();
const looked = Object.values(await kinds()).concat("map.html", "glossary.html", "404.html", "offline.html", "search.html", ...all.filter((it) => it.startsWith("print/")).slice(0, 3));
for (const path of looked.filter((it) => all.includes(it))) {
  for (const colorScheme of ["light", "dark"]) {
    test(`axe finds nothing: ${path}, ${colorScheme}`, () => look(path, { colorScheme, viewport: { width: 1280, height: 900 } }));
  }
  test(`axe finds nothing: ${path}, on a phone`, () => look(path, { viewport: { width: 360, height: 740 } }));
}

const lesson = (await kinds()).lesson;
test("axe finds nothing: key points", () => look(lesson, {}, (page) => page.check("#g-core")));
test("axe finds nothing: hidden bold", () => look(lesson, {}, (page) => page.check("#g-test")));
test("axe finds nothing: a preview", () => look(lesson, {}, async (page) => {
  await page.locator("main a.term[data-term]:visible").first().hover();
  await page.waitForSelector(".preview:popover-open");
}));
test("axe finds nothing: the keys", () => look(lesson, {}, async (page) => {
  await page.keyboard.press("?");
  await page.waitForSelector("dialog.help[open]");
}));
