// Every colour that text is written in can be read on every ground it is written on (WCAG 2.2: 4.5 for text, 3 for borders).
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import assert from "node:assert/strict";

const css = await readFile(new URL("../../static/gongbu.css", import.meta.url), "utf8");
const tokens = Object.fromEntries([...css.matchAll(/--([\w-]+): light-dark\((#\w+), (#\w+)\)/g)].map((it) => [it[1], [it[2], it[3]]]));

function luminance(colour) {
  const hex = colour.length === 4 ? [...colour.slice(1)].map((it) => it + it) : colour.slice(1).match(/../g);
  const [r, g, b] = hex.map((it) => parseInt(it, 16) / 255).map((it) => (it <= 0.04045 ? it / 12.92 : ((it + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

export function contrast(a, b) {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

const PAIRS = [
  ...["text", "muted", "link", "ok", "bad", "warn", "vital"].flatMap((it) => [[it, "bg", 4.5], [it, "soft", 4.5]]),
  // A category is told by its word and its colour, a draft by a ground of its own.
  ...["link", "ok", "vital", "teal", "rose"].flatMap((it) => [[it, "bg", { light: 5.7, dark: 7.4 }], [it, "soft", 4.5]]),
  ["bg", "warn", { light: 5.7, dark: 7.4 }],
  ["mark", "mark-bg", 7], ["text", "mark-bg", 4.5], ["link", "mark-bg", 4.5], ["control", "bg", 3], ["control", "soft", 3],
];

for (const [scheme, index] of [["light", 0], ["dark", 1]]) {
  for (const [front, back, least] of PAIRS) {
    test(`${front} on ${back}, ${scheme}`, () => {
      assert.ok(tokens[front] && tokens[back], `${front} or ${back} is no token`);
      const is = contrast(tokens[front][index], tokens[back][index]);
      const enough = least[scheme] ?? least;
      assert.ok(is >= enough, `${is.toFixed(2)} is less than ${enough}`);
    });
  }
}
