// Without a network: a small site is there as a whole, of a large one what was read and what was kept by hand.
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { SITE, course, kinds, launch, project, serve } from "./lib.mjs";

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

/** Serves a folder until the test is over. */
async function host(t, folder, base) {
  const it = await serve(folder, base);
  t.after(it.close);
  return it;
}

/** A course of 160 lessons, which is too large to be kept whole. */
async function large(t) {
  const it = await project(course(4, 40));
  t.after(it.remove);
  await it.build();
  return it;
}

/** Opens a page of a host and waits until the worker answers for it. */
async function open(t, url) {
  const context = await browser.newContext({ serviceWorkers: "allow" });
  t.after(() => context.close());
  const page = await context.newPage();
  await page.goto(url);
  await page.waitForFunction(() => navigator.serviceWorker.controller);
  return { context, page };
}

const heading = (page) => page.locator("h1").textContent();
const styled = (page) => page.evaluate(() => getComputedStyle(document.querySelector(".top")).borderBottomStyle === "solid");

test("without a network the site is still there, and a new version is offered", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "site-"));
  t.after(() => rm(folder, { recursive: true }));
  await cp(SITE, folder, { recursive: true });
  const at = await host(t, folder, "/repo/");
  const { page } = await open(t, at.url);
  at.state.down = true;
  for (const path of Object.values(await kinds())) {
    await page.goto(at.url + path);
    assert.ok((await heading(page)).length > 0, path);
    assert.ok(await styled(page), `${path} has its style`);
  }
  at.state.down = false;
  // Somebody publishes: one page changes, and only that is fetched again.
  const worker = await readFile(join(folder, "sw.js"), "utf8");
  const home = await readFile(join(folder, "index.html"), "utf8");
  await writeFile(join(folder, "index.html"), home.replace("</h1>", " 새로</h1>"));
  await writeFile(join(folder, "sw.js"), worker.replace(/"index.html":"[0-9a-f]{10}"/, '"index.html":"0000000000"'));
  at.forget();
  await page.goto(at.url);
  assert.ok(!(await heading(page)).includes("새로"), "the old version stays until the reader agrees");
  at.state.asked.length = 0;
  await page.evaluate(async () => (await navigator.serviceWorker.getRegistration()).update());
  await page.waitForSelector(".fresh button");
  const pagesAsked = at.state.asked.filter((it) => it.endsWith(".html"));
  assert.deepEqual(pagesAsked, ["/repo/index.html"]);
  await Promise.all([page.waitForEvent("load"), page.click(".fresh button")]);
  assert.ok((await heading(page)).includes("새로"));
});

test("a section of a large site is kept when asked for, remembered, and removed again", async (t) => {
  const { site } = await large(t);
  const at = await host(t, site, "/repo/");
  const { page } = await open(t, `${at.url}02-part/index.html`);
  const wrong = [];
  page.on("pageerror", (error) => wrong.push(error.message));
  const button = page.locator("[data-save]");
  // Nobody has moved yet.
  await button.waitFor();
  const label = await button.textContent(), { saved } = await button.evaluate((it) => ({ ...it.dataset }));
  await button.click();
  await page.waitForFunction((saved) => document.querySelector("[data-save]").textContent === saved, saved);
  await page.reload();
  await button.waitFor();
  assert.equal(await button.textContent(), saved, "it is remembered");

  at.state.down = true;
  const links = await page.evaluate(() => Array.from(document.querySelectorAll(".lessons a"), (it) => it.href));
  assert.ok(links.some((it) => it.includes("/print/02-part-blank")) && links.some((it) => it.includes("/services/")));
  for (const href of [...new Set(links.map((it) => it.replace(/#.*/, "")))].slice(0, 12)) {
    await page.goto(href);
    assert.ok(!page.url().includes("offline.html") && await styled(page), href);
  }
  // What was not kept is not there, which is told, with what is.
  await page.goto(`${at.url}03-part/05-lesson.html`);
  assert.ok(page.url().startsWith(`${at.url}offline.html`));
  assert.ok(await styled(page));
  await page.locator("[data-kept='']:not([hidden]) a").first().waitFor();
  const kept = await page.locator("[data-kept=''] a").evaluateAll((all) => all.map((it) => it.textContent));
  assert.ok(kept.includes("02-07 글"), kept.join());
  assert.ok(await page.locator("[data-kept='services/'] a").count() > 40);
  assert.equal(await page.locator("[data-kept='print/'] a").count(), 2);
  await page.click("[data-kept=''] a:text-is('02-07 글')");
  assert.equal(await heading(page), "02-07 글");
  await page.goto(`${at.url}search.html`);
  assert.ok(await page.locator("#g-q").isVisible(), "the search is there");

  // The network comes back while one looks at the page that says it is away.
  await page.goto(`${at.url}03-part/05-lesson.html`);
  await page.locator(".again:not([hidden])").waitFor();
  at.state.down = false;
  await page.evaluate(() => dispatchEvent(new Event("online")));
  await page.waitForURL(`${at.url}03-part/05-lesson.html`);
  assert.equal(await heading(page), "03-05 글");

  await page.goto(`${at.url}02-part/index.html`);
  await button.click();
  await page.waitForFunction((label) => document.querySelector("[data-save]").textContent === label, label);
  at.state.down = true;
  await page.goto(`${at.url}02-part/09-lesson.html`);
  assert.ok(page.url().includes("offline.html"), "it is removed");
  // What fails half-way is not taken for kept.
  at.state.down = false;
  await page.goto(`${at.url}04-part/index.html`);
  await button.waitFor();
  at.state.down = true;
  await button.click();
  const { failed } = await button.evaluate((it) => ({ ...it.dataset }));
  await page.waitForFunction((failed) => document.querySelector("[data-save]").textContent === failed, failed);
  assert.deepEqual(wrong, []);
});

test("what was read of a large site keeps its style when a new version comes", async (t) => {
  const { site, write, build } = await large(t);
  const at = await host(t, site);
  const { page } = await open(t, at.url);
  const read = `${at.url}01-part/03-lesson.html`;
  await page.goto(read);
  // A service is found in its script, of which there are several here.
  await page.locator("main a[data-term]:visible").last().hover();
  await page.waitForSelector(".preview:popover-open");
  assert.ok(at.state.asked.filter((it) => it.startsWith("/gists/")).length === 1);
  await write("static/gongbu.css", await readFile(new URL("../../static/gongbu.css", import.meta.url), "utf8") + "\n.other { color: red }\n");
  await build();
  at.forget();
  await page.evaluate(async () => (await navigator.serviceWorker.getRegistration()).update());
  await page.waitForSelector(".fresh button");
  await page.goto(at.url);
  await page.waitForSelector(".fresh button");
  await Promise.all([page.waitForEvent("load"), page.click(".fresh button")]);
  at.state.down = true;
  await page.goto(read);
  assert.equal(await heading(page), "01-03 글");
  assert.ok(await styled(page));
});
