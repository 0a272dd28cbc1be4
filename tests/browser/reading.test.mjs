// Reading: on any screen, with and without scripts, from a disk, under a path, by the keyboard.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { SITE, kinds, launch, pages, serve } from "./lib.mjs";

let browser, server;
before(async () => { [browser, server] = [await launch(), await serve(SITE)]; });
after(async () => { await browser.close(); await server.close(); });

/** Opens a page, and collects what goes wrong on it. */
async function open(url, options = {}) {
  const context = await browser.newContext({ serviceWorkers: "block", ...options });
  const page = await context.newPage();
  const wrong = [];
  page.on("pageerror", (error) => wrong.push(error.message));
  page.on("console", (it) => { if (it.type() === "error") wrong.push(it.text()); });
  // What a page was still loading when it was left is no mistake.
  page.on("requestfailed", (it) => { if (it.failure()?.errorText !== "net::ERR_ABORTED") wrong.push(`${it.url()} ${it.failure()?.errorText}`); });
  await page.goto(url);
  return { context, page, wrong };
}

const some = Object.values(await kinds());
const lesson = (await kinds()).lesson;

for (const width of [320, 360, 768, 1024, 1280, 1920]) {
  test(`no page is wider than a screen of ${width}`, async () => {
    const { context, page } = await open(server.url, { viewport: { width, height: 900 } });
    // Every page on the narrowest and the widest screen; between them one of each kind.
    const looked = width === 320 || width === 1920 ? await pages() : [...some, "map.html", "glossary.html"];
    for (const path of looked) {
      await page.goto(server.url + path, { waitUntil: "domcontentloaded" });
      const over = await page.evaluate(() => document.scrollingElement.scrollWidth - document.documentElement.clientWidth);
      assert.ok(over <= 0, `${path} is ${over} too wide`);
    }
    await context.close();
  });
}

test("nothing goes wrong on any page", async () => {
  const { context, page, wrong } = await open(server.url);
  for (const path of await pages()) {
    await page.goto(server.url + path);
    assert.deepEqual(wrong, [], path);
  }
  await context.close();
});

test("under a path every link and anchor leads somewhere", async () => {
  const under = await serve(SITE, "/a/b/");
  const { context, page } = await open(under.url);
  const all = new Set(await pages());
  const ids = new Map();
  const wanted = [];
  for (const path of all) {
    if (path === "404.html") continue;
    await page.goto(under.url + path, { waitUntil: "domcontentloaded" });
    const { own, links } = await page.evaluate(() => ({
      own: Array.from(document.querySelectorAll("[id]"), (it) => it.id),
      links: Array.from(document.querySelectorAll("a[href], link[href], img[src], script[src]"), (it) => it.href?.baseVal ?? it.href ?? it.src),
    }));
    ids.set(path, new Set(own));
    for (const link of links) wanted.push([path, link]);
  }
  const known = new Map();
  for (const [path, link] of wanted) {
    const url = new URL(link, under.url + path);
    if (url.origin !== new URL(under.url).origin) continue;
    assert.ok(url.pathname.startsWith("/a/b/"), `${path}: ${link} leaves the site`);
    const name = decodeURIComponent(url.pathname.slice(5)) || "index.html";
    if (!known.has(url.pathname)) known.set(url.pathname, (await fetch(url)).status);
    assert.equal(known.get(url.pathname), 200, `${path}: ${link}`);
    const id = decodeURIComponent(url.hash.slice(1));
    if (id && ids.has(name)) assert.ok(ids.get(name).has(id), `${path}: there is no ${link}`);
  }
  assert.ok(wanted.length > 1000);
  await context.close();
  await under.close();
});

test("without scripts all is there to be read", async () => {
  const { context, page, wrong } = await open(server.url + lesson, { javaScriptEnabled: false, viewport: { width: 1440, height: 900 } });
  for (const shown of [".side a", "main article", ".outline a", ".pager a", ".views label"]) {
    assert.ok(await page.locator(shown).first().isVisible(), shown);
  }
  for (const hidden of [".done", "button.theme"]) assert.ok(await page.locator(hidden).first().isHidden(), hidden);
  await page.check("#g-core");
  const plain = page.locator("article.text li:not(:has(strong))").first();
  if (await plain.count()) assert.ok(await plain.isHidden(), "a line without bold is hidden");
  const { heads, left } = await page.evaluate(() => {
    const all = Array.from(document.querySelectorAll("article.text :is(h2, h3, h4, h5, h6)"));
    const shown = all.filter((it) => it.getClientRects().length);
    const level = (it) => Number(it.tagName[1]);
    const nothing = shown.filter((it) => {
      if (it.querySelector("strong")) return false;
      for (let next = it.nextElementSibling; next && !(/^H/.test(next.tagName) && level(next) <= level(it)); next = next.nextElementSibling) {
        if (next.getClientRects().length && !/^H/.test(next.tagName)) return false;
      }
      return true;
    });
    return { heads: shown.length, left: nothing.map((it) => it.textContent) };
  });
  assert.ok(heads > 0);
  assert.deepEqual(left, [], "no heading is left with nothing under it");
  await page.uncheck("#g-core");
  await page.check("#g-test");
  const colour = await page.locator("article.text strong").first().evaluate((it) => getComputedStyle(it).color);
  assert.equal(colour, "rgba(0, 0, 0, 0)");
  assert.deepEqual(wrong, []);
  await page.setViewportSize({ width: 360, height: 740 });
  await page.click(".menu summary");
  assert.ok(await page.locator(".side a").first().isVisible(), "the fold opens the navigation");
  await context.close();
});

test("from a disk everything works but the worker", async () => {
  for (const path of [...some, "map.html"]) {
    const { context, page, wrong } = await open(`file://${SITE.replace(/\/?$/, "/")}${path}`);
    await page.mouse.move(10, 10);
    await page.waitForTimeout(100);
    assert.deepEqual(wrong, [], path);
    await context.close();
  }
  const { context, page } = await open(`file://${SITE.replace(/\/?$/, "/")}${lesson}`);
  await page.click("button.theme");
  const theme = await page.evaluate(() => document.documentElement.dataset.theme);
  await page.reload();
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), theme, "the choice is remembered");
  await page.locator("main a.term[data-term]:visible").first().hover();
  await page.waitForSelector(".preview:popover-open");
  await page.keyboard.press("Escape");
  await page.waitForSelector(".preview:popover-open", { state: "detached" }).catch(() => {});
  assert.equal(await page.locator(".preview:popover-open").count(), 0);
  await context.close();
});

test("the keyboard alone leads everywhere", async () => {
  const { context, page } = await open(server.url + lesson, { viewport: { width: 1280, height: 900 } });
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => location.hash), "#g-main");
  // Every stop can be seen, and none is a trap.
  await page.reload();
  const stops = await page.evaluate(() => document.querySelectorAll("a[href], button:not([hidden]), input, summary, [tabindex='0']").length);
  const seen = new Set();
  for (let i = 0; i < stops + 20; i++) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => {
      const it = document.activeElement;
      if (it === document.body) return null;
      const style = getComputedStyle(it), box = it.getBoundingClientRect();
      const label = it.closest("label");
      const ring = style.outlineStyle !== "none" || (label && getComputedStyle(label).outlineStyle !== "none");
      return { name: it.outerHTML.slice(0, 80), ring, visible: box.width > 0 && box.height > 0 };
    });
    if (at === null) break;
    assert.ok(at.visible, `${at.name} cannot be seen`);
    assert.ok(at.ring, `${at.name} shows no focus`);
    seen.add(at.name);
  }
  assert.ok(seen.size > 20);
  const next = await page.getAttribute(".pager [rel=next]", "href").catch(() => null);
  if (next) {
    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.press("ArrowRight");
    await page.waitForURL((url) => decodeURIComponent(url.pathname).endsWith(next.replace(/^.*\//, "")));
  }
  await context.close();
});

test("keys that are pressed alone can be switched off, and the list of keys stays in reach", async () => {
  const { context, page, wrong } = await open(server.url + lesson, { viewport: { width: 1280, height: 900 } });
  await page.keyboard.press("?");
  await page.waitForSelector("dialog.help[open]");
  assert.match(await page.locator("dialog.help dl").textContent(), /Ctrl\+K.*⌘K/);
  await page.uncheck("dialog.help input");
  await page.keyboard.press("Escape");
  await page.waitForSelector("dialog.help", { state: "detached" });
  for (const again of [false, true]) {
    if (again) await page.reload();
    const here = page.url();
    for (const key of ["ArrowLeft", "ArrowRight", "/", "?"]) await page.keyboard.press(key);
    await page.waitForTimeout(200);
    assert.equal(page.url(), here, "the arrows are switched off");
    assert.equal(await page.locator("dialog").count(), 0, "and so are the others");
  }
  await page.keyboard.press("Control+k");
  await page.waitForSelector("dialog.search[open]");
  await page.keyboard.press("Escape");
  await page.click("button.keys");
  await page.waitForSelector("dialog.help[open]");
  await page.check("dialog.help input");
  await page.keyboard.press("Escape");
  await page.waitForSelector("dialog.help", { state: "detached" });
  await page.keyboard.press("/");
  await page.waitForSelector("dialog.search[open]");
  assert.deepEqual(wrong, []);
  await context.close();
});

test("the way of reading is kept on the next page, before anything is painted", async () => {
  const { context, page } = await open(server.url + lesson, { viewport: { width: 1280, height: 900 } });
  await page.check("#g-core");
  await page.check("#g-test");
  // Painted or not: the boxes are checked as soon as they are read, whatever other scripts do.
  await context.route(/gongbu\.[0-9a-f]+\.js$/, (route) => route.abort());
  await page.reload({ waitUntil: "domcontentloaded" });
  assert.ok(await page.isChecked("#g-core") && await page.isChecked("#g-test"));
  await context.unroute(/gongbu\.[0-9a-f]+\.js$/);
  await page.reload();
  assert.equal(await page.locator(".text strong").first().getAttribute("tabindex").catch(() => null), null);
  await page.mouse.move(9, 9);
  await page.waitForSelector(".text strong[tabindex='0']", { state: "attached" });
  await page.uncheck("#g-core");
  await page.uncheck("#g-test");
  await page.reload();
  assert.equal(await page.locator(".views :checked").count(), 0);
  await context.close();
});

test("what a service is shows on hover and focus, on its own page and its parts too", async () => {
  const { context, page, wrong } = await open(server.url + lesson, { viewport: { width: 1280, height: 900 } });
  const box = page.locator(".preview:popover-open");
  const asked = () => server.state.asked.filter((it) => it.startsWith("/gists/"));
  server.state.asked.length = 0;
  const link = page.locator("main a.term[data-term]:visible").last();
  await link.scrollIntoViewIfNeeded();
  assert.deepEqual(asked(), [], "nothing is loaded before somebody points");
  const before = await link.boundingBox();
  await link.hover();
  await box.waitFor();
  assert.deepEqual(await link.boundingBox(), before, "nothing moves");
  assert.ok((await box.locator("p").last().textContent()).length > 5);
  assert.equal(await link.getAttribute("aria-describedby"), "g-preview");
  // The box can be entered, to read or copy it.
  await box.hover();
  await page.waitForTimeout(400);
  assert.ok(await box.isVisible());
  await page.mouse.move(2, 2);
  await page.waitForTimeout(400);
  assert.equal(await box.count(), 0, "it goes with the pointer");
  await page.keyboard.press("Tab");
  await page.evaluate(() => Array.from(document.querySelectorAll("main a.term[data-term]")).find((it) => it.getClientRects().length).focus());
  await box.waitFor();
  await page.keyboard.press("Escape");
  assert.equal(await box.count(), 0);
  assert.equal(asked().length, 1, "one script has them all");
  // A service with parts names its other parts, which a page of its own would not have.
  const { service } = await kinds();
  await page.goto(server.url + service);
  const terms = await page.evaluate(() => Array.from(document.querySelectorAll("main a[data-term]"), (it) => it.dataset.term));
  const known = await (await fetch(`${server.url}gists/0.js`)).text();
  for (const term of terms) assert.ok(known.includes(`"${term}":[`), `${term} has a line`);
  await page.locator(".part a.term[data-term]:visible").first().hover();
  await box.waitFor();
  assert.deepEqual(wrong, []);
  await context.close();
});

test("what is hidden stays hidden where the system sets the colours", async () => {
  const { context, page } = await open(server.url + lesson, { forcedColors: "active" });
  await page.check("#g-test");
  const strong = page.locator(".text strong:visible").first();
  const painted = () => strong.evaluate((it) => [getComputedStyle(it).color, getComputedStyle(it).backgroundColor]);
  const [color, ground] = await painted();
  assert.equal(color, "rgba(0, 0, 0, 0)");
  assert.notEqual(ground, "rgba(0, 0, 0, 0)");
  await strong.hover();
  assert.notEqual((await painted())[0], "rgba(0, 0, 0, 0)");
  await context.close();
});

test("letters of twice the size have room", async () => {
  const { context, page } = await open(server.url, { viewport: { width: 640, height: 900 } });
  for (const path of [...some, "map.html", "glossary.html", "search.html", "offline.html"]) {
    await page.goto(server.url + path);
    for (const width of [1280, 640, 320]) {
      await page.setViewportSize({ width, height: 900 });
      const over = await page.evaluate(() => {
        document.documentElement.style.fontSize = "212.5%";
        return document.scrollingElement.scrollWidth - document.documentElement.clientWidth;
      });
      assert.ok(over <= 0, `${path} at ${width} is ${over} too wide`);
    }
  }
  await context.close();
});

test("a finger that follows a link sees no preview", async () => {
  const { context, page } = await open(server.url + lesson, { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true });
  const link = page.locator("main a.term[data-term]:visible").first();
  await page.evaluate(() => document.addEventListener("click", (event) => event.preventDefault()));
  await link.tap();
  await page.waitForTimeout(500);
  assert.equal(await page.locator(".preview:popover-open").count(), 0);
  await context.close();
});

test("what was read is remembered, here and nowhere else", async () => {
  const { context, page } = await open(server.url + lesson);
  server.state.asked.length = 0;
  await page.check("#g-done");
  assert.ok(await page.locator(".side a[aria-current=page] .was-read").count() > 0);
  await page.goto(server.url);
  assert.ok(await page.locator(".resume").isVisible());
  assert.match(await page.locator(".unit .progress:not([hidden])").first().textContent(), /1/);
  await page.click(".resume");
  assert.ok(decodeURIComponent(page.url()).endsWith(lesson));
  assert.ok(server.state.asked.every((path) => !path.includes("?")));
  await context.close();
});

test("pictures grow, and headings are followed", async () => {
  const all = await pages();
  let path;
  for (const it of all) if (/^\d\d-/.test(it) && (await readFile(join(SITE, it), "utf8")).includes("<img")) path = path ?? it;
  const { context, page } = await open(server.url + path, { viewport: { width: 1440, height: 800 } });
  await page.mouse.move(300, 300);
  await page.locator(".text button.zoom").first().click();
  await page.waitForSelector("dialog.picture[open] img");
  await page.keyboard.press("Escape");
  await page.waitForSelector("dialog", { state: "detached" });
  const last = page.locator(".outline a").last();
  await last.click();
  await page.waitForSelector(".outline a[aria-current]");
  assert.equal(await page.locator(".outline a[aria-current]").count(), 1);
  await context.close();
});
