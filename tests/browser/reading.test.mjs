// Reading: on any screen, with and without scripts, from a disk, under a path, by the keyboard, without a network.
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
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
  await page.keyboard.press("?");
  await page.waitForSelector("dialog.help[open]");
  await page.uncheck("dialog.help input");
  await page.keyboard.press("Escape");
  const here = page.url();
  await page.keyboard.press("ArrowLeft");
  await page.waitForTimeout(200);
  assert.equal(page.url(), here, "the arrows are switched off");
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

test("a section of a large site is kept when asked for", async () => {
  const folder = await mkdtemp(join(tmpdir(), "site-"));
  await cp(SITE, folder, { recursive: true });
  // As on a large site, the worker keeps no lessons from the start.
  const worker = await readFile(join(folder, "sw.js"), "utf8");
  await writeFile(join(folder, "sw.js"), worker.replace(/"\d\d-[^"]*":"[0-9a-f]{10}",?/g, ""));
  const host = await serve(folder);
  const { context, page } = await open(host.url, { serviceWorkers: "allow" });
  await page.waitForFunction(() => navigator.serviceWorker.controller);
  const { section } = await kinds();
  await page.goto(host.url + section);
  await page.mouse.move(10, 10);
  await page.click("[data-save]:not([hidden])");
  await page.waitForFunction(() => document.querySelector("[data-save]").textContent === document.querySelector("[data-save]").dataset.saved);
  host.state.down = true;
  const lessons = await page.evaluate(() => Array.from(document.querySelectorAll(".lessons .name"), (link) => link.href));
  for (const href of [host.url + section, ...lessons]) {
    await page.goto(href);
    assert.ok((await page.locator("h1").textContent()).length > 0, href);
  }
  const other = (await pages()).filter((it) => /^\d\d-[^/]*\/index.html$/.test(it)).pop();
  await assert.rejects(page.goto(host.url + other), "what was not asked for is not there");
  await context.close();
  await host.close();
  await rm(folder, { recursive: true });
});

test("without a network the site is still there, and a new version is offered", async () => {
  const folder = await mkdtemp(join(tmpdir(), "site-"));
  await cp(SITE, folder, { recursive: true });
  const host = await serve(folder, "/repo/");
  const { context, page } = await open(host.url, { serviceWorkers: "allow" });
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.waitForFunction(() => navigator.serviceWorker.controller);
  host.state.down = true;
  for (const path of some) {
    await page.goto(host.url + path);
    assert.ok((await page.locator("h1").textContent()).length > 0, path);
    const styled = await page.evaluate(() => getComputedStyle(document.querySelector(".top")).borderBottomStyle);
    assert.equal(styled, "solid", `${path} has its style`);
  }
  host.state.down = false;
  // Somebody publishes: one page changes, and only that is fetched again.
  const worker = await readFile(join(folder, "sw.js"), "utf8");
  const home = await readFile(join(folder, "index.html"), "utf8");
  await writeFile(join(folder, "index.html"), home.replace("</h1>", " 새로</h1>"));
  await writeFile(join(folder, "sw.js"), worker.replace(/"index.html":"[0-9a-f]{10}"/, '"index.html":"0000000000"'));
  host.forget();
  await page.goto(host.url);
  assert.ok(!(await page.locator("h1").textContent()).includes("새로"), "the old version stays until the reader agrees");
  host.state.asked.length = 0;
  await page.evaluate(async () => (await navigator.serviceWorker.getRegistration()).update());
  await page.waitForSelector(".fresh button");
  const pagesAsked = host.state.asked.filter((it) => it.endsWith(".html"));
  assert.deepEqual(pagesAsked, ["/repo/index.html"]);
  await Promise.all([page.waitForEvent("load"), page.click(".fresh button")]);
  assert.ok((await page.locator("h1").textContent()).includes("새로"));
  await context.close();
  await host.close();
  await rm(folder, { recursive: true });
});
