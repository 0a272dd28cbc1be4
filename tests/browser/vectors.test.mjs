// The rules of text that the client shares with the program: both must give what tests/search/vectors.json says.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { runInNewContext } from "node:vm";

const read = (path) => readFileSync(new URL(path, import.meta.url), "utf8");

test("words, stems, keys and sounds are those of the program", () => {
  const gongbu = { search: {} };
  runInNewContext(read("../../static/search.js"), { gongbu });
  for (const [rule, cases] of Object.entries(JSON.parse(read("../search/vectors.json")))) {
    for (const [text, expected] of Object.entries(cases)) {
      assert.deepEqual(JSON.parse(JSON.stringify(gongbu.search.text[rule](text))), expected, `${rule} of ${text}`);
    }
  }
});
