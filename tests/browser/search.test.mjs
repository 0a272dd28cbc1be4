// The search in a real browser: the dialog, the page with all results, bad input, and that every heading
// and alias finds itself. GONGBU_SITE is the built site, GONGBU_SOURCE_SITE one of a real course, if there is one.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { SITE, kinds, launch, serve } from "./lib.mjs";

let server, browser, page, errors;
before(async () => {
  server = await serve(SITE);
  browser = await launch();
  page = await browser.newPage();
  errors = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("dialog", (dialog) => { errors.push(dialog.message()); dialog.dismiss(); });
  await page.goto(server.url + "index.html");
});
after(async () => {
  await browser.close();
  await server.close();
});

const find = (q, limit = 8) => page.evaluate(async ([q, limit]) => {
  const found = await gongbu.search.find(q, { limit });
  return found.map(({ title, url, kind, excerpt }) => ({ title, url, kind, excerpt }));
}, [q, limit]);

/** What a file of the index hands over. */
const handed = (site, path) => JSON.parse(readFileSync(join(site, path), "utf8").replace(/^gongbu\.search\.add\(|\)$/g, ""));

/** What must be found on a site: each title, each heading inside of a document, each name of a service. */
function wanted(site) {
  const { pages, names } = handed(site, "search-index.js");
  const lines = pages.split(" ").flatMap((hash) => handed(site, `assets/pages.${hash}.js`).split("\n"));
  const wanted = [];
  const files = new Set();
  for (const line of lines.filter(Boolean)) {
    const [title, , , , file] = line.split("\t");
    wanted.push({ q: title, titles: [title] });
    if (file) files.add(file);
  }
  for (const file of files) {
    for (const [, heading] of handed(site, `assets/text.${file}.js`).flat()) if (heading) wanted.push({ q: heading, titles: [heading] });
  }
  for (const [own, ...docs] of names) {
    const titles = docs.map(([doc]) => lines[doc].split("\t")[0]).filter(Boolean);
    for (const q of own) wanted.push({ q, titles });
  }
  return wanted;
}

for (const [name, site] of [["the site", SITE], ["a real course", process.env.GONGBU_SOURCE_SITE]]) {
  test(`each title, heading and name of ${name} is among its own first five results`, { skip: !site && "left out: GONGBU_SOURCE_SITE is not set" }, async () => {
    const own = await serve(site);
    const fresh = await browser.newPage();
    await fresh.goto(own.url + "index.html");
    const all = wanted(site);
    const lost = await fresh.evaluate(async (all) => {
      const squeezed = (text) => text.normalize("NFC").toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
      const lost = [];
      for (const { q, titles } of all) {
        const found = await gongbu.search.find(q, { limit: 5 });
        const good = new Set(titles.map(squeezed));
        if (!found.some((it) => good.has(squeezed(it.title)) || good.has(squeezed(it.heading)))) lost.push(q);
      }
      return lost;
    }, all.filter(({ q }) => /[\p{L}\p{N}]/u.test(q)));
    assert.ok(all.length > 100);
    assert.deepEqual(lost, []);
    await fresh.close();
    await own.close();
  });
}

test("bad input finds what it finds, and nothing breaks", async () => {
  const queries = [
    "", " ", "가".repeat(10000), "a ".repeat(5000), "!@#$%^&*()_+{}|:\"<>?", "람다".normalize("NFD"), "람\u200b다", "🙂🙂", "🙂",
    "<img src=x onerror=alert(1)>", "</script><script>alert(1)</script>", "(.*)+[a-z", "\\", "\0", "__proto__", "constructor", "ㅋㅋㅋㅋㅋㅋㅋ", "\ud800",
  ];
  for (const q of queries) assert.ok(Array.isArray(await find(q)), q);
  assert.deepEqual(await find("람\u200b다"), await find("람다"));
  assert.deepEqual(await find("람다".normalize("NFD")), await find("람다"));
  assert.deepEqual(errors, []);
});

test("the dialog opens, is typed into, chosen from and closed", async () => {
  await page.keyboard.press("/");
  const input = page.locator("dialog.search input");
  await input.waitFor();
  await input.fill("<b>");
  await input.fill("클라우드");
  // What is there until then answers the text before.
  await page.locator("#g-list mark", { hasText: "클라우드" }).first().waitFor();
  await page.keyboard.press("ArrowDown");
  const chosen = await input.getAttribute("aria-activedescendant");
  assert.equal(await page.locator(`#${chosen}`).getAttribute("aria-selected"), "true");
  assert.ok(await page.locator("#g-list mark").count());
  assert.match(await page.locator("dialog.search .state").textContent(), /\d/);
  await page.keyboard.press("Escape");
  assert.equal(await page.locator("dialog.search[open]").count(), 0);
  await page.keyboard.press("Control+k");
  await input.waitFor();
  // While a syllable is being put together, Enter opens nothing.
  const before = page.url();
  await input.evaluate((it) => it.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", isComposing: true, bubbles: true })));
  assert.equal(page.url(), before);
  await Promise.all([page.waitForURL((url) => String(url) !== before), page.keyboard.press("Enter")]);
  // Lessons are remembered, pages of services are not.
  await page.goto(server.url + (await kinds(SITE)).lesson);
  await page.goto(server.url + "index.html");
  await page.keyboard.press("/");
  await page.locator("#g-list [role=option]").first().waitFor();
  assert.ok(await page.locator("#g-list .group").count(), "what was read last is shown");
  await page.keyboard.press("Escape");
  assert.deepEqual(errors, []);
});

test("the dialog is told to who does not see it", async () => {
  const fresh = await browser.newPage();
  await fresh.goto(server.url + "index.html");
  const link = fresh.locator("a.find");
  await link.focus();
  await fresh.keyboard.press("Enter");
  const input = fresh.locator("dialog.search input");
  await input.waitFor();
  assert.equal(await input.getAttribute("role"), "combobox");
  assert.equal(await input.getAttribute("aria-controls"), await fresh.locator("dialog.search [role=listbox]").getAttribute("id"));
  const live = fresh.locator("dialog.search [role=status]");
  const said = await live.evaluateHandle((it) => {
    const said = [];
    new MutationObserver(() => said.push(it.textContent)).observe(it, { childList: true, characterData: true, subtree: true });
    return said;
  });
  await input.pressSequentially("클라우드", { delay: 60 });
  await fresh.waitForFunction((said) => said.some((it) => /\d/.test(it)), said);
  const results = (await said.jsonValue()).filter((it) => /\d/.test(it));
  assert.equal(results.length, 1, "it is said once, when the typing rests");
  assert.equal(await input.getAttribute("aria-expanded"), "true");
  // A list holds its options, and groups of them that have names; nothing else.
  assert.equal(await fresh.locator("#g-list > :not([role=group])").count(), 0);
  assert.equal(await fresh.locator("#g-list [role=group] > :not([role=option], .group)").count(), 0);
  // An arrow chooses, and the focus stays in the field.
  await fresh.keyboard.press("ArrowDown");
  assert.equal(await fresh.locator(`#${await input.getAttribute("aria-activedescendant")}[aria-selected=true]`).count(), 1);
  assert.equal(await fresh.evaluate(() => document.activeElement.getAttribute("role")), "combobox");
  // Tab leads to what else can be done, never behind the dialog.
  await fresh.keyboard.press("Tab");
  assert.ok(await fresh.evaluate(() => document.activeElement.matches("dialog.search .close")));
  await fresh.keyboard.press("Tab");
  assert.ok(await fresh.evaluate(() => document.activeElement.matches("dialog.search .more a")));
  await fresh.keyboard.press("Escape");
  assert.equal(await fresh.locator("dialog.search[open]").count(), 0);
  assert.ok(await link.evaluate((it) => it === document.activeElement), "the focus goes back");
  // Escape in the field closes too, though a search field would empty itself first.
  await fresh.keyboard.press("Enter");
  await input.fill("ㅋ");
  await fresh.keyboard.press("Escape");
  assert.equal(await fresh.locator("dialog.search[open]").count(), 0);
  assert.ok(await link.evaluate((it) => it === document.activeElement));
  await fresh.close();
});

test("an answer that comes late neither loses what was chosen nor opens what was not asked for", async () => {
  const [first] = await find("클라우드");
  const fresh = await browser.newPage();
  await fresh.goto(server.url + "index.html");
  await fresh.keyboard.press("/");
  const input = fresh.locator("dialog.search input");
  await input.fill("데이터");
  const options = fresh.locator("#g-list [role=option]");
  await options.first().waitFor();
  // The same is asked for again, and what is chosen meanwhile stays so.
  await input.evaluate((it) => it.dispatchEvent(new Event("input", { bubbles: true })));
  assert.equal(await fresh.locator("#g-list [aria-selected=true]").count(), 0, "typing begins anew");
  await fresh.keyboard.press("ArrowDown");
  await fresh.keyboard.press("ArrowDown");
  const chosen = await options.nth(1).getAttribute("href");
  await fresh.waitForTimeout(200);
  assert.equal(await fresh.locator("#g-list [aria-selected=true]").getAttribute("href"), chosen);
  // Enter waits for the answer to what stands in the field, and opens nothing that answers the text before.
  await fresh.route("**/assets/words.*", async (route) => { await new Promise((go) => setTimeout(go, 300)); await route.continue(); });
  await input.fill("클라우드");
  await fresh.keyboard.press("Enter");
  await fresh.waitForURL((url) => !String(url).endsWith("/index.html"));
  assert.equal(fresh.url(), server.url + first.url);
  await fresh.close();
});

test("the page shows all results, and filters them", async () => {
  await page.goto(server.url + "search.html?q=" + encodeURIComponent("데이터"));
  await page.locator(".found a").first().waitFor();
  const all = await page.locator(".found a").count();
  const facets = page.locator(".facets button[aria-pressed=false]");
  if (await facets.count()) {
    await facets.first().click();
    assert.ok(await page.locator(".found a").count() <= all);
  }
  assert.deepEqual(errors, []);
  await page.goto(server.url + "index.html");
});

test("a chunk that does not load is told, and the rest is kept", async () => {
  const fresh = await browser.newPage();
  const wrong = [];
  fresh.on("pageerror", (error) => wrong.push(error.message));
  await fresh.route("**/assets/words.*", (route) => route.abort());
  await fresh.goto(server.url + "index.html");
  assert.equal(await fresh.evaluate(async () => (await gongbu.search.find("클라우드")).failed), true);
  await fresh.route("**/search-index.js", (route) => route.abort());
  await fresh.reload();
  await fresh.keyboard.press("/");
  await fresh.locator("dialog.search input").fill("클라우드");
  await fresh.locator("dialog.search .state").waitFor();
  assert.deepEqual(wrong, []);
  await fresh.close();
});

test("it works from a disk", async () => {
  const disk = await browser.newPage();
  await disk.goto("file://" + join(SITE, "index.html"));
  assert.ok((await disk.evaluate(async () => gongbu.search.find("클라우드"))).length > 0);
  await disk.close();
});
