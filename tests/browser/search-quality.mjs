// node tests/browser/search-quality.mjs SITE QUERIES.json [--json] [--misses]
// How good the search of a site is: success@1, success@5 and MRR for each class of queries and in all.
import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { launch, serve } from "./lib.mjs";

export const squeezed = (text) => text.normalize("NFC").toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");

/** The figures of a list of ranks: the place of the first good result of each query, from 1; 0 if there is none. */
export function figures(ranks) {
  const share = (most) => ranks.filter((rank) => rank > 0 && rank <= most).length / ranks.length;
  const mrr = ranks.reduce((sum, rank) => sum + (rank ? 1 / rank : 0), 0) / ranks.length;
  return { s1: share(1), s5: share(5), mrr };
}

/** Asks a function that gives titles for each query, and sorts the figures by class. */
export async function measure(queries, titles) {
  const ranks = [];
  for (const query of queries) {
    const good = new Set(query.relevant.map(squeezed));
    const found = await titles(query.q);
    ranks.push({ ...query, found, rank: found.findIndex((title) => good.has(squeezed(title))) + 1 });
  }
  const classes = {};
  for (const name of [...new Set(queries.map((query) => query.class))].sort()) {
    classes[name] = figures(ranks.filter((it) => it.class === name).map((it) => it.rank));
  }
  return { ranks, all: figures(ranks.map((it) => it.rank)), classes };
}

/** Measures the search of a built site in the browser. */
export async function quality(site, queries) {
  const server = await serve(site);
  const browser = await launch();
  try {
    const page = await browser.newPage();
    await page.goto(server.url + "index.html");
    return await measure(queries, (q) =>
      page.evaluate(async (q) => (await gongbu.search.find(q, { limit: 10 })).map((it) => it.title), q));
  } finally {
    await browser.close();
    await server.close();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [site, list] = process.argv.slice(2).filter((arg) => !arg.startsWith("--"));
  const { all, classes, ranks } = await quality(site, JSON.parse(await readFile(list, "utf8")));
  if (process.argv.includes("--json")) console.log(JSON.stringify({ all, classes }));
  else {
    const line = (name, it) => console.log(`${name.padEnd(4)} ${it.s1.toFixed(3)}  ${it.s5.toFixed(3)}  ${it.mrr.toFixed(3)}`);
    console.log("     s@1    s@5    MRR");
    for (const [name, it] of Object.entries(classes)) line(name, it);
    line("all", all);
  }
  if (process.argv.includes("--misses")) {
    for (const it of ranks.filter((it) => it.rank !== 1)) console.log(`${it.class} ${it.rank} ${it.q} → ${it.found.slice(0, 5).join(" | ")}`);
  }
}
