// node tests/browser/search-side-by-side.mjs SITE QUERIES.json
// The search of a site beside Pagefind's and MiniSearch's over the same documents and queries.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import MiniSearch from "minisearch";
import { close, createIndex } from "pagefind";
import { launch, serve } from "./lib.mjs";
import { measure, quality } from "./search-quality.mjs";

const [site, list] = process.argv.slice(2);
const queries = JSON.parse(await readFile(list, "utf8"));
const handed = (path) => JSON.parse(readFileSync(join(site, path), "utf8").replace(/^gongbu\.search\.add\(|\)$/g, ""));
const documents = [];
for (const line of handed("search-index.js").pages.split(" ").flatMap((hash) => handed(`assets/pages.${hash}.js`).split("\n"))) {
  const [title, url, , , file, place] = line.split("\t");
  if (!url) continue;
  const text = file ? (handed(`assets/text.${file}.js`)[place] || []).map((it) => `${it[1]}\n${it[2]}`).join("\n") : "";
  documents.push({ id: documents.length, title, url, text });
}
const kb = (bytes) => `${(bytes / 1024).toFixed(1)} KB`;
const seconds = (start) => `${((performance.now() - start) / 1000).toFixed(1)} s`;
const show = (name, { all }, more) => console.log(`| ${name} | ${all.s1.toFixed(3)} | ${all.s5.toFixed(3)} | ${all.mrr.toFixed(3)} | ${more} |`);
console.log(`${documents.length} documents, ${queries.length} queries\n\n| engine | s@1 | s@5 | MRR | before the first result, gzip | a later query | index made in |\n|---|---|---|---|---|---|---|`);
show("gongbu", await quality(site, queries), "search-cost.mjs | | with the site");

const mini = new MiniSearch({ fields: ["title", "text"], storeFields: ["title"], searchOptions: { prefix: true, fuzzy: 0.2, boost: { title: 4 } } });
let start = performance.now();
mini.addAll(documents);
const indexed = seconds(start);
const whole = gzipSync(JSON.stringify(mini)).length;
show("MiniSearch, prefix and fuzzy", await measure(queries, async (q) => mini.search(q).slice(0, 10).map((it) => it.title)), `${kb(whole)}, without its client | 0 | ${indexed}`);

const folder = await mkdtemp(join(tmpdir(), "pagefind-"));
start = performance.now();
const { index } = await createIndex({ forceLanguage: "ko" });
for (const it of documents) {
  await index.addCustomRecord({ url: `/${it.id}`, content: `${it.title}\n${it.text}`, language: "ko", meta: { title: it.title } });
}
await index.writeFiles({ outputPath: join(folder, "pagefind") });
const made = seconds(start);
await writeFile(join(folder, "index.html"), "<!doctype html><title>Pagefind</title>");
const server = await serve(folder);
const browser = await launch();
const page = await browser.newPage();
await page.goto(server.url);
const bytes = [];
const found = await measure(queries, async (q) => {
  const before = server.state.bytes;
  const titles = await page.evaluate(async (q) => {
    window.pagefind ??= await import("/pagefind/pagefind.js");
    const { results } = await window.pagefind.search(q);
    return (await Promise.all(results.slice(0, 10).map((it) => it.data()))).map((it) => it.meta.title);
  }, q);
  bytes.push(server.state.bytes - before);
  return titles;
});
const [first, ...later] = bytes;
later.sort((a, b) => a - b);
show("Pagefind, lang=ko", found, `${kb(first)} | median ${kb(later[later.length >> 1])} | ${made}`);
await browser.close();
await server.close();
await close();
await rm(folder, { recursive: true });
