// What the pages gain from a script: the theme switch, the arrow keys, "copy" on code, "print".
// Everything else works without it. One namespace, `gongbu`; each part stands alone.
var gongbu = window.gongbu || {};
gongbu.words = document.currentScript.dataset;

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

gongbu.theme();
gongbu.keys();
gongbu.copy();
gongbu.print();
gongbu.side();

// The search is loaded when it is first used: by the link in the header, `/`, Ctrl K or ⌘ K.
gongbu.search = (function () {
  var link = document.querySelector("a.find");
  var loading;
  function script(path) {
    return new Promise(function (resolve, reject) {
      var it = document.createElement("script");
      it.src = path;
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
