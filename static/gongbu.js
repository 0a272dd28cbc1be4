// What pages gain from a script at once: the theme switch, the arrow keys, "copy" on code, "print", an
// outline that follows, what was read, and reading without a network. What is for whoever points or
// types is in more.js, what is kept by hand in offline.js. Everything else works without scripts. One
// namespace, `gongbu`.
var gongbu = window.gongbu || {};
gongbu.words = document.currentScript.dataset;
gongbu.root = new URL(gongbu.words.root || ".", location.href).pathname;

// The origin may be shared with other sites, and so may the storage: ours is named by its address.
gongbu.store = function (name, value) {
  var key = "gongbu:" + gongbu.root + ":" + name;
  try {
    if (value === undefined) return JSON.parse(localStorage.getItem(key));
    localStorage.setItem(key, JSON.stringify(value));
  } catch (e) { /* no storage, or what is there is not ours */ }
  return value === undefined ? null : value;
};

// What early.js reads before the first paint is for all sites of an origin.
gongbu.remember = function (name, value) {
  try {
    if (value) localStorage.setItem("gongbu." + name, value);
    else localStorage.removeItem("gongbu." + name);
  } catch (e) { /* no storage: the choice lasts for this page */ }
};

// The path of a page in the site: what pages are remembered by.
gongbu.path = function (href) {
  var path = new URL(href, location.href).pathname;
  return path.startsWith(gongbu.root) ? path.slice(gongbu.root.length).replace(/(^|\/)$/, "$1index.html") : "";
};

// A script of ours, loaded once.
gongbu.loading = {};
gongbu.load = function (path) {
  return gongbu.loading[path] = gongbu.loading[path] || new Promise(function (resolve, reject) {
    var it = gongbu.make("script", { src: path });
    it.async = false;
    it.onload = resolve;
    it.onerror = function (event) {
      delete gongbu.loading[path];
      reject(event);
    };
    document.head.append(it);
  });
};

// True if a key is meant for us: it comes alone, into no field, and such keys are not switched off.
gongbu.single = function (event) {
  return gongbu.store("keys") !== false && !(event.defaultPrevented || event.isComposing || event.altKey || event.ctrlKey || event.metaKey)
    && !event.target.closest("input, textarea, select, dialog, [contenteditable]");
};

gongbu.make = function (name, attributes, text) {
  var it = document.createElement(name);
  Object.keys(attributes || {}).forEach(function (key) { it.setAttribute(key, attributes[key]); });
  if (text) it.textContent = text;
  return it;
};

// Follows the system until the reader chooses; choosing what the system says follows it again.
gongbu.theme = function () {
  var root = document.documentElement;
  var button = document.querySelector("button.theme");
  var system = matchMedia("(prefers-color-scheme: dark)");
  if (!button) return;
  function dark() {
    return root.dataset.theme ? root.dataset.theme === "dark" : system.matches;
  }
  function show() {
    button.setAttribute("aria-pressed", dark());
  }
  button.addEventListener("click", function () {
    var want = dark() ? "light" : "dark";
    var follow = (want === "dark") === system.matches;
    if (follow) delete root.dataset.theme;
    else root.dataset.theme = want;
    gongbu.remember("theme", follow ? "" : want);
    show();
  });
  system.addEventListener("change", show);
  show();
  button.hidden = false;
};

// ← and → go to the previous and next page, except where the arrows have work to do.
gongbu.keys = function () {
  document.addEventListener("keydown", function (event) {
    var rel = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
    if (!rel || event.shiftKey || !gongbu.single(event) || event.target.closest("audio, video, pre, .table, [role]")) return;
    var page = document.scrollingElement;
    if (page.scrollWidth > page.clientWidth) return;
    var link = document.querySelector('.pager a[rel="' + rel + '"]');
    if (link) link.click();
  });
};

gongbu.copy = function () {
  if (!navigator.clipboard) return;
  var status = document.createElement("p");
  status.className = "unseen";
  status.setAttribute("role", "status");
  document.querySelectorAll(".code").forEach(function (block) {
    var code = block.querySelector("code");
    var button = document.createElement("button");
    if (!code) return;
    button.type = "button";
    button.className = "copy";
    button.textContent = gongbu.words.copy;
    button.addEventListener("click", function () {
      navigator.clipboard.writeText(code.textContent).then(function () {
        button.textContent = status.textContent = gongbu.words.copied;
        setTimeout(function () {
          button.textContent = gongbu.words.copy;
          status.textContent = "";
        }, 2000);
      }, function () { /* refused by the browser: the text can still be selected */ });
    });
    block.append(button);
  });
  if (document.querySelector(".copy")) document.body.append(status);
};

// On paper each page is headed by the title, which a style alone does not know, and pictures are there that
// nobody has scrolled to.
gongbu.print = function () {
  // Not before: all of the page has to be styled anew.
  addEventListener("beforeprint", function () {
    document.documentElement.style.setProperty("--running", JSON.stringify(document.title));
  });
  addEventListener("load", function () {
    document.querySelectorAll("img").forEach(function (img) { img.loading = "eager"; });
  });
  document.querySelectorAll("[data-print]").forEach(function (button) {
    button.addEventListener("click", function () { print(); });
    button.hidden = false;
  });
};

// How one reads is the same on the next page: early.js checks these boxes there.
gongbu.views = function () {
  var boxes = Array.from(document.querySelectorAll(".views input"));
  boxes.forEach(function (box) {
    box.addEventListener("change", function () {
      gongbu.remember("views", boxes.filter(function (it) { return it.checked; }).map(function (it) { return "#" + it.id; }).join());
    });
  });
};

// The lesson we are in stands in view in the side column.
gongbu.side = function () {
  var side = document.querySelector(".side");
  var here = side && side.querySelector('[aria-current="page"]');
  if (here && here.offsetTop > side.clientHeight * 0.7) side.scrollTop = here.offsetTop - side.clientHeight / 3;
};

// The heading that is being read is marked in the outline.
gongbu.follow = function () {
  var links = Array.from(document.querySelectorAll(".outline a"));
  var heads = links.map(function (link) { return document.getElementById(decodeURIComponent(link.hash.slice(1))); });
  if (!links.length || !window.IntersectionObserver) return;
  function mark() {
    var at = -1;
    heads.forEach(function (head, i) { if (head && head.getBoundingClientRect().top < innerHeight / 3) at = i; });
    links.forEach(function (link, i) {
      if (i === at) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    });
    var box = at > 0 && links[at].closest(".outline");
    if (box && box.scrollHeight > box.clientHeight) box.scrollTop = links[at].offsetTop - box.clientHeight / 2;
  }
  var seen = new IntersectionObserver(mark, { rootMargin: "1000000px 0px -66% 0px" });
  heads.forEach(function (head) { if (head) seen.observe(head); });
};

// What was read is remembered in this browser and goes nowhere else.
gongbu.progress = function () {
  var read = gongbu.store("read") || {};
  var here = gongbu.path(location.href), recent = gongbu.store("recent") || [];
  var done = document.querySelector(".done");
  var box = done && done.querySelector("input");
  function set(is) {
    if (is) read[here] = 1;
    else delete read[here];
    gongbu.store("read", read);
    show();
  }
  function show() {
    if (box) box.checked = here in read;
    document.querySelectorAll(".side ol a, .unit ol a, .lessons .name").forEach(function (link) {
      var is = gongbu.path(link.href) in read;
      var sign = link.querySelector(".was-read");
      if (is && !sign) link.append(gongbu.make("span", { class: "was-read" }, " ✓ "), "");
      if (is && !sign) link.lastElementChild.append(gongbu.make("span", { class: "unseen" }, gongbu.words.read));
      if (!is && sign) sign.remove();
    });
  }
  if (/is-(note|service)\b/.test(document.body.className)) {
    recent = recent.filter(function (it) { return it.url !== here; });
    recent.unshift({ url: here, title: document.querySelector("h1").textContent });
    gongbu.store("recent", recent.slice(0, 6));
  }
  if (done) {
    done.hidden = false;
    box.addEventListener("change", function () { set(box.checked); });
    // Whoever has come to the end has read it; a page that is all in view is looked at for a while.
    var seen = false;
    new IntersectionObserver(function (entries) {
      seen = entries[0].isIntersecting;
      if (seen && !(here in read)) setTimeout(function () { if (seen) set(true); }, scrollY ? 800 : 15000);
    }).observe(done);
  }
  document.querySelectorAll(".unit").forEach(function (unit) {
    var folder = gongbu.path(unit.dataset.section).replace(/[^/]*$/, "");
    var own = Object.keys(read).filter(function (page) { return page.replace(/[^/]*$/, "") === folder; });
    var count = Number(unit.dataset.count), n = Math.min(own.length, count);
    var bar = unit.querySelector(".progress");
    if (!n || !bar) return;
    bar.style.setProperty("--part", n / count);
    bar.textContent = bar.dataset.label.replace("{n}", n).replace("{m}", count);
    bar.hidden = false;
  });
  var resume = document.querySelector(".resume");
  var last = recent.find(function (it) { return !it.url.startsWith("services/"); });
  if (resume && last) {
    resume.href = gongbu.root + last.url;
    resume.textContent = resume.dataset.label.replace("{x}", last.title);
    resume.hidden = false;
    document.querySelector(".begin").classList.add("second");
  }
  show();
};

// The site is kept for when there is no network; a new version is offered, never forced.
gongbu.offline = function () {
  var workers = navigator.serviceWorker;
  if (!workers || !/^https?:$/.test(location.protocol) || document.querySelector("meta[name=gongbu-token]")) return;
  function offer(worker) {
    var bar = gongbu.make("p", { class: "fresh", role: "status" }, gongbu.words.fresh + " ");
    var button = gongbu.make("button", { type: "button", class: "button" }, gongbu.words.reload);
    button.addEventListener("click", function () { worker.postMessage("take over"); });
    bar.append(button);
    document.body.append(bar);
    workers.addEventListener("controllerchange", function () { location.reload(); }, { once: true });
  }
  workers.register(gongbu.root + "sw.js", { scope: gongbu.root, updateViaCache: "none" }).then(function (it) {
    if (!it) return;
    if (it.waiting && workers.controller) offer(it.waiting);
    it.addEventListener("updatefound", function () {
      var next = it.installing;
      next.addEventListener("statechange", function () {
        if (next.state === "installed" && workers.controller) offer(next);
      });
    });
    // A page on which something can be kept names the script that does it.
    var save = document.querySelector("[data-save]");
    if (save) return workers.ready.then(function () { return gongbu.load(save.dataset.save); });
  }).catch(function () { /* a host may forbid it; the site works without */ });
};

// What is for whoever points or types comes with the first move.
gongbu.more = function () {
  var moves = ["pointerover", "pointerdown", "keydown", "focusin"];
  var help = document.querySelector("button.keys");
  function load(event) {
    moves.forEach(function (move) { document.removeEventListener(move, load); });
    gongbu.load(gongbu.words.more).then(function () { gongbu.first(event); });
  }
  moves.forEach(function (move) { document.addEventListener(move, load); });
  if (!help) return;
  help.addEventListener("click", function () {
    gongbu.load(gongbu.words.more).then(function () { gongbu.help(); });
  });
  help.hidden = false;
};

gongbu.theme();
gongbu.keys();
gongbu.copy();
gongbu.print();
gongbu.views();
gongbu.follow();
gongbu.progress();
gongbu.more();
// When all else has changed the page: to ask where something is lays it out.
requestAnimationFrame(gongbu.side);
addEventListener("load", gongbu.offline);

// The search is loaded when it is first used: by the link in the header, `/`, Ctrl K or ⌘ K.
gongbu.search = (function () {
  var link = document.querySelector("a.find");
  function load() {
    return Promise.all([gongbu.load(link.dataset.script), gongbu.load(link.dataset.box)]);
  }
  var search = {
    root: link ? link.dataset.root : "",
    find: function (text, options) {
      return load().then(function () { return search.find(text, options); });
    },
  };
  function open(event) {
    event.preventDefault();
    load().then(function () { search.open(); }, function () { location.href = link.href; });
  }
  if (!link) return search;
  if (document.getElementById("g-found")) load().catch(function () { /* its text stays */ });
  link.addEventListener("pointerover", function () { load().catch(function () { /* tried again at a click */ }); }, { once: true });
  link.addEventListener("click", function (event) {
    if (!event.ctrlKey && !event.metaKey && !event.shiftKey) open(event);
  });
  document.addEventListener("keydown", function (event) {
    var chord = event.code === "KeyK" && (event.ctrlKey || event.metaKey) && !(event.altKey || event.isComposing || event.defaultPrevented);
    if (chord || event.key === "/" && gongbu.single(event)) open(event);
  });
  return search;
})();
