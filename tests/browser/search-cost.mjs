// node tests/browser/search-cost.mjs SITE [WORD…]
// What the search of a site costs: bytes before the first result and for later queries (gzip), and how
// long a cold and a warm query take in Chromium.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { launch, serve } from "./lib.mjs";

const [site, ...own] = process.argv.slice(2);
const index = JSON.parse(readFileSync(join(site, "search-index.js"), "utf8").replace(/^gongbu\.search\.add\(|\)$/g, ""));
// Words of the notes, spread over all of them.
const common = index.common.split(" ");
const queries = own.length ? own : Array.from({ length: 20 }, (_, at) => common[Math.floor((at * common.length) / 20)]);

const middle = (list, share = 0.5) => [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * share))];
const server = await serve(site);
const browser = await launch();
const ask = (page, q) => page.evaluate(async (q) => {
  const start = performance.now();
  await gongbu.search.find(q);
  return performance.now() - start;
}, q);
const firsts = [], cold = [];
let page;
for (const q of queries.slice(0, 5)) {
  // The worker that keeps the site for offline use would fetch at the same time.
  const context = await browser.newContext({ serviceWorkers: "block" });
  page = await context.newPage();
  await page.goto(server.url + "index.html");
  const before = server.state.bytes;
  cold.push(await ask(page, q));
  firsts.push(server.state.bytes - before);
}
const later = [], warm = [];
for (const q of queries) {
  const before = server.state.bytes;
  await ask(page, q);
  later.push(server.state.bytes - before);
  warm.push(await ask(page, q));
}
await browser.close();
await server.close();
const client = ["search.", "search-box."].map((name) => {
  const html = readFileSync(join(site, "index.html"), "utf8");
  const path = html.match(new RegExp(`assets/${name}[0-9a-f]+\\.js`))[0];
  return gzipSync(readFileSync(join(site, path))).length;
});
const kb = (bytes) => (bytes / 1024).toFixed(1);
console.log(`documents            ${index.docs}`);
console.log(`client               ${client.map(kb).join(" + ")} KB`);
console.log(`before first result  ${kb(middle(firsts))} KB (most ${kb(Math.max(...firsts))})`);
console.log(`later query          median ${kb(middle(later))} KB, p95 ${kb(middle(later, 0.95))} KB`);
console.log(`cold                 ${middle(cold).toFixed(0)} ms`);
console.log(`warm                 median ${middle(warm).toFixed(1)} ms, p95 ${middle(warm, 0.95).toFixed(1)} ms`);
