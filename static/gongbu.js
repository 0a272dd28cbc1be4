// What pages gain from a script at once: the theme switch, the arrow keys, "copy" on code, "print", an
// outline that follows, what was read, and reading without a network. What is for whoever points or
// types is in more.js. Everything else works without scripts. One namespace, `gongbu`.
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

// The path of a page in the site: what pages are remembered by.
gongbu.path = function (href) {
  var path = new URL(href, location.href).pathname;
  return path.startsWith(gongbu.root) ? path.slice(gongbu.root.length) || "index.html" : "";
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
    try {
      if (follow) localStorage.removeItem("gongbu.theme");
      else localStorage.setItem("gongbu.theme", want);
    } catch (e) { /* no storage: the choice lasts for this page */ }
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
    if (gongbu.store("arrows") === false) return;
    if (!rel || event.defaultPrevented || event.isComposing) return;
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (event.target.closest("input, textarea, select, audio, video, pre, .table, [contenteditable], [role]")) return;
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

gongbu.print = function () {
  document.querySelectorAll("[data-print]").forEach(function (button) {
    button.addEventListener("click", function () { print(); });
    button.hidden = false;
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
  }, function () { /* a host may forbid it; the site works without */ });
};

// What is for whoever points or types comes with the first move.
gongbu.more = function () {
  var moves = ["pointerover", "pointerdown", "keydown", "focusin"];
  function load(event) {
    moves.forEach(function (move) { document.removeEventListener(move, load); });
    var script = gongbu.make("script", { src: gongbu.words.more });
    script.onload = function () { gongbu.first(event); };
    document.head.append(script);
  }
  moves.forEach(function (move) { document.addEventListener(move, load); });
};

gongbu.theme();
gongbu.keys();
gongbu.copy();
gongbu.print();
gongbu.side();
gongbu.follow();
gongbu.progress();
gongbu.more();
addEventListener("load", gongbu.offline);

// The search is loaded when it is first used: by the link in the header, `/`, Ctrl K or ⌘ K.
gongbu.search = (function () {
  var link = document.querySelector("a.find");
  var loading;
  function script(path) {
    return new Promise(function (resolve, reject) {
      var it = document.createElement("script");
      it.src = path;
      it.async = false;
      it.onload = resolve;
      it.onerror = reject;
      document.head.append(it);
    });
  }
  function load() {
    return loading || (loading = Promise.all([script(link.dataset.script), script(link.dataset.box)]).catch(function (e) {
      loading = null;
      throw e;
    }));
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
    var typing = event.target.closest("input, textarea, select, [contenteditable]");
    if (event.isComposing || event.defaultPrevented || event.altKey) return;
    if (event.code === "KeyK" && (event.ctrlKey || event.metaKey) || event.key === "/" && !event.ctrlKey && !event.metaKey && !typing) open(event);
  });
  return search;
})();
