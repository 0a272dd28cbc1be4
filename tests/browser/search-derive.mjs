// node tests/browser/search-derive.mjs SITE > QUERIES.json
// A list of queries over any site, made by rule from the names of its services: of each class of
// search-quality.mjs what can be made so (no particles, no natural words). It shows whether what holds for
// queries that somebody chose holds for others.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { runInNewContext } from "node:vm";

const site = process.argv[2];
const handed = (path) => JSON.parse(readFileSync(join(site, path), "utf8").replace(/^gongbu\.search\.add\(|\)$/g, ""));
const gongbu = { search: {} };
runInNewContext(readFileSync(new URL("../../static/search.js", import.meta.url), "utf8"), { gongbu });
const { typed, jamo } = gongbu.search.text;

const index = handed("search-index.js");
const lines = index.pages.split(" ").flatMap((hash) => handed(`assets/pages.${hash}.js`).split("\n"));
const title = (doc) => lines[doc].split("\t")[0];
const queries = [];
const add = (name, q, relevant) => queries.push({ id: `${name}${queries.length}`, class: name, q, relevant });
const initials = (word) => [...word].map((c) => jamo(c)[0]).join("");
const isKorean = (name) => /^[가-힣 ]+$/.test(name);
const isLatin = (name) => /^[A-Za-z0-9 -]+$/.test(name);

index.names.forEach(([names, ...docs], at) => {
  const relevant = docs.map(([doc]) => title(doc)).filter(Boolean);
  const latin = names.filter(isLatin), korean = names.filter(isKorean);
  const short = latin[0], long = latin.find((name) => name.split(" ").length > 2);
  if (short) {
    add("a", short.toLowerCase(), relevant);
    if (short.length > 5) add("e", short.toLowerCase().slice(0, Math.ceil(short.length * 0.7)), relevant);
    if (!short.includes(" ") && at % 2) add("g", typed(short.toLowerCase()), relevant);
    // Two neighbouring letters in the wrong order.
    if (short.length > 6) add("h", short.toLowerCase().replace(/^(...)(.)(.)/, "$1$3$2"), relevant);
  }
  if (long) add("i", long.toLowerCase(), relevant);
  for (const name of korean.slice(0, 1)) {
    const bare = name.replaceAll(" ", "");
    add("b", name, relevant);
    add("c", `${bare}에서`, relevant);
    if (name.includes(" ")) add("d", bare, relevant);
    if (bare.length > 2) add("e", bare.slice(0, -1) + jamo(bare.at(-1))[0], relevant);
    if (bare.length > 2) add("f", initials(bare), relevant);
    add("g", [...jamo(bare)].map((c) => typed(c)).join(""), relevant);
  }
});
console.log(JSON.stringify(queries, null, 1));
