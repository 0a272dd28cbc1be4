// What is kept to be read without a network: a section on request, and the list of what there is.
// The worker answers from all that is kept.
(function () {
  "use strict";

  const READ = "gongbu read " + gongbu.root, SAVED = "gongbu saved " + gongbu.root + " ";

  // Keeps the pages of a section, with their sheets and services and what they show.
  async function save(cache, section) {
    const files = new Set();
    async function read(href) {
      const answer = await fetch(href);
      if (!answer.ok) throw new Error(href);
      const html = await answer.text();
      const page = new DOMParser().parseFromString(html, "text/html");
      const to = (it) => new URL(it.getAttribute("src") || it.getAttribute("href"), href);
      for (const file of Array.from(page.querySelectorAll("main img, script[src], link[rel=stylesheet]"), to)) {
        if (file.origin === location.origin) files.add(file.href);
      }
      return {
        links: (which) => Array.from(page.querySelectorAll(which), (it) => to(it).href.replace(/#.*/, "")),
        keep: () => cache.put(gongbu.root + gongbu.path(href), new Response(html, { headers: { "content-type": "text/html; charset=utf-8" } })),
      };
    }
    // A long section has several lists.
    const lists = [await read(section)], pages = new Set();
    for (const list of lists) {
      for (const link of list.links(".lessons a")) pages.add(link);
      for (const next of list.links(".pager a[rel=next]")) lists.push(await read(next));
    }
    await Promise.all([...pages].map(async (href) => (await read(href)).keep()));
    await cache.addAll([...files]);
    // The section itself comes last: where it is, all of it is.
    for (const list of lists.reverse()) await list.keep();
  }

  // The button of a section: keeps it, and tells that it is kept; then it removes it.
  async function offer(button) {
    const here = gongbu.root + gongbu.path(location.href), name = SAVED + gongbu.path(location.href);
    const whole = await caches.match(here, { cacheName: "gongbu kept " + gongbu.root, ignoreSearch: true });
    // Further lists of a section are kept with the first.
    if (whole || document.querySelector(".lessons ~ .pager a[rel=prev]")) return;
    const words = Object.assign({ "": button.textContent }, button.dataset);
    let saved = await caches.match(here, { cacheName: name }), busy = false;
    button.textContent = words[saved ? "saved" : ""];
    button.hidden = false;
    button.addEventListener("click", async () => {
      if (busy) return;
      busy = true;
      let word = "";
      if (!saved) {
        button.textContent = words.saving;
        try {
          await save(await caches.open(name), location.href);
          word = "saved";
        } catch (e) { word = "failed"; }
      }
      if (word !== "saved") await caches.delete(name);
      saved = word === "saved";
      button.textContent = words[word];
      busy = false;
    });
  }

  // The page that stands for one that is not there: the way back to it, and what can be read instead.
  async function list(lists) {
    const again = document.querySelector(".again"), wanted = location.hash.replace(/^[#/\\]+/, "");
    if (wanted) {
      again.href = gongbu.root + wanted;
      again.hidden = false;
      addEventListener("online", () => location.replace(again.href));
    }
    const pages = new Map();
    for (const name of await caches.keys()) {
      if (name !== READ && !name.startsWith(SAVED)) continue;
      const cache = await caches.open(name);
      for (const request of await cache.keys()) {
        const path = gongbu.path(request.url);
        if (!path.endsWith(".html") || pages.has(path)) continue;
        const title = /<title>([^<]*)/.exec(await (await cache.match(request)).text());
        const plain = new DOMParser().parseFromString(title ? title[1] : path, "text/html").body.textContent;
        pages.set(path, plain.replace(" · " + document.querySelector(".brand").textContent, ""));
      }
    }
    for (const path of [...pages.keys()].sort()) {
      const own = lists.filter((it) => path.startsWith(it.dataset.kept)).pop();
      const item = gongbu.make("li");
      item.append(gongbu.make("a", { href: gongbu.root + path }, pages.get(path)));
      own.querySelector("ul").append(item);
      own.hidden = false;
    }
  }

  const button = document.querySelector("[data-save]"), lists = Array.from(document.querySelectorAll("[data-kept]"));
  if (button) offer(button).catch(() => { /* nothing can be kept here */ });
  if (lists.length) list(lists).catch(() => { /* from a disk nothing is kept */ });
})();
