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
const show = (name, { all }, more) => console.log(`| ${name} | ${all.s1.toFixed(3)} | ${all.s5.toFixed(3)} | ${all.mrr.toFixed(3)} | ${more} |`);
console.log(`${documents.length} documents, ${queries.length} queries\n\n| engine | s@1 | s@5 | MRR | index, gzip |\n|---|---|---|---|---|`);
show("gongbu", await quality(site, queries), "in chunks");

const mini = new MiniSearch({ fields: ["title", "text"], storeFields: ["title"], searchOptions: { prefix: true, fuzzy: 0.2, boost: { title: 4 } } });
mini.addAll(documents);
const whole = gzipSync(JSON.stringify(mini)).length;
show("MiniSearch, prefix and fuzzy", await measure(queries, async (q) => mini.search(q).slice(0, 10).map((it) => it.title)), `${(whole / 1024).toFixed(0)} KB at once`);

const folder = await mkdtemp(join(tmpdir(), "pagefind-"));
const { index } = await createIndex({ forceLanguage: "ko" });
for (const it of documents) {
  await index.addCustomRecord({ url: `/${it.id}`, content: `${it.title}\n${it.text}`, language: "ko", meta: { title: it.title } });
}
await index.writeFiles({ outputPath: join(folder, "pagefind") });
await writeFile(join(folder, "index.html"), "<!doctype html><title>Pagefind</title>");
const server = await serve(folder);
const browser = await launch();
const page = await browser.newPage();
await page.goto(server.url);
show("Pagefind, lang=ko", await measure(queries, (q) => page.evaluate(async (q) => {
  window.pagefind ??= await import("/pagefind/pagefind.js");
  const { results } = await window.pagefind.search(q);
  return (await Promise.all(results.slice(0, 10).map((it) => it.data()))).map((it) => it.meta.title);
}, q)), "in chunks");
await browser.close();
await server.close();
await close();
await rm(folder, { recursive: true });
