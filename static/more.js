// What is for whoever points or types: previews of services, pictures in large, the list of keys,
// uncovering by the keyboard. Loaded with the first move.

// Resting on the name of a service shows what it is. The box can be entered, and Esc closes it.
gongbu.previews = function () {
  var source = document.getElementById("g-previews");
  if (!source || !HTMLElement.prototype.showPopover) return;
  var box = gongbu.make("div", { id: "g-preview", class: "preview", popover: "manual", role: "tooltip" });
  var shown, timer;
  document.querySelector("main").append(box);
  function close() {
    clearTimeout(timer);
    if (shown) shown.removeAttribute("aria-describedby");
    shown = null;
    if (box.matches(":popover-open")) box.hidePopover();
  }
  function open(link) {
    var found = source.content.querySelector('[data-id="' + CSS.escape(link.dataset.term) + '"]');
    if (!found || shown === link) return;
    close();
    shown = link;
    box.replaceChildren(found.cloneNode(true));
    box.showPopover();
    link.setAttribute("aria-describedby", box.id);
    var at = link.getClientRects()[0];
    var size = box.getBoundingClientRect();
    var below = at.bottom + size.height + 12 < innerHeight;
    box.style.left = Math.max(8, Math.min(at.left, innerWidth - size.width - 8)) + "px";
    box.style.top = (below ? at.bottom + 6 : at.top - size.height - 6) + "px";
  }
  function later(wait, then) {
    clearTimeout(timer);
    timer = setTimeout(then, wait);
  }
  function over(event) {
    if (event.pointerType === "touch") return;
    var link = event.target.closest && event.target.closest("main a[data-term]");
    if (link) later(250, function () { open(link); });
    else if (box.contains(event.target)) clearTimeout(timer);
    else if (shown) later(250, close);
    else clearTimeout(timer);
  }
  document.addEventListener("pointerover", over);
  document.addEventListener("focusin", over);
  document.addEventListener("scroll", function () { if (shown) close(); }, { passive: true });
  document.addEventListener("keydown", function (event) { if (event.key === "Escape") close(); });
};

// A dialog with a button that closes it; so does Esc, and a click beside it.
gongbu.dialog = function (name, label) {
  var it = gongbu.make("dialog", { class: name, "aria-label": label });
  var close = gongbu.make("button", { type: "button", class: "close", "aria-label": gongbu.words.close });
  close.addEventListener("click", function () { it.close(); });
  it.addEventListener("click", function (event) { if (event.target === it) it.close(); });
  it.addEventListener("close", function () { it.remove(); });
  it.append(close);
  document.body.append(it);
  return it;
};

gongbu.zoom = function () {
  document.querySelectorAll(".text img").forEach(function (img) {
    if (img.closest("a")) return;
    var button = gongbu.make("button", { type: "button", class: "zoom" });
    button.setAttribute("aria-label", gongbu.words.zoom + (img.alt ? ": " + img.alt : ""));
    img.replaceWith(button);
    button.append(img);
    button.addEventListener("click", function () {
      var dialog = gongbu.dialog("picture", img.alt || gongbu.words.zoom);
      dialog.append(img.cloneNode());
      dialog.showModal();
    });
  });
};

// `?` lists the keys; the arrows can be switched off there.
gongbu.help = function () {
  document.addEventListener("keydown", function (event) {
    if (event.key !== "?" || event.isComposing || event.target.closest("input, textarea, select, [contenteditable], dialog")) return;
    var dialog = gongbu.dialog("help", gongbu.words.help);
    var list = gongbu.make("dl");
    gongbu.words.keys.split("|").forEach(function (part, i) {
      if (i % 2) list.append(gongbu.make("dd", {}, part));
      else list.append(gongbu.make("dt"));
      if (!(i % 2)) list.lastChild.append(gongbu.make("kbd", {}, part));
    });
    var label = gongbu.make("label");
    var box = gongbu.make("input", { type: "checkbox" });
    box.checked = gongbu.store("arrows") !== false;
    box.addEventListener("change", function () { gongbu.store("arrows", box.checked); });
    label.append(box, " " + gongbu.words.arrows);
    dialog.append(gongbu.make("h2", {}, gongbu.words.help), list, label);
    dialog.showModal();
  });
};

// While bold is hidden it can be uncovered by the keyboard too.
gongbu.recall = function () {
  var box = document.getElementById("g-test");
  if (!box) return;
  function set() {
    document.querySelectorAll(".text strong").forEach(function (it) {
      if (box.checked) it.tabIndex = 0;
      else it.removeAttribute("tabindex");
    });
  }
  box.addEventListener("change", set);
  set();
};

// A section of a large site is kept by hand: its pages, and the pictures in them. The worker finds them
// where it keeps what was read.
gongbu.save = function () {
  var button = document.querySelector("[data-save]");
  if (!button || !window.caches || !navigator.serviceWorker || !navigator.serviceWorker.controller) return;
  function page(cache, href) {
    return fetch(href).then(function (answer) {
      if (!answer.ok) throw new Error(href);
      return cache.put(new URL(href, location.href).pathname, answer.clone()).then(function () { return answer.text(); });
    });
  }
  function pictures(cache, href, html) {
    var found = new DOMParser().parseFromString(html, "text/html").querySelectorAll("main img");
    return Promise.all(Array.from(found).map(function (img) {
      return cache.add(new URL(img.getAttribute("src"), new URL(href, location.href)).pathname);
    }));
  }
  button.addEventListener("click", function () {
    var links = Array.from(document.querySelectorAll(".lessons a"), function (link) { return link.href; });
    button.disabled = true;
    caches.open("gongbu read " + gongbu.root).then(function (cache) {
      return Promise.all([location.href].concat(links).map(function (href) {
        return page(cache, href).then(function (html) { return pictures(cache, href, html); });
      }));
    }).then(function () { button.textContent = button.dataset.saved; }, function () { button.disabled = false; });
  });
  caches.open("gongbu kept " + gongbu.root).then(function (cache) {
    return cache.match(location.pathname, { ignoreSearch: true });
  }).then(function (kept) { button.hidden = Boolean(kept); });
};

gongbu.previews();
gongbu.save();
gongbu.zoom();
gongbu.help();
gongbu.recall();

// The move that brought us here is answered too.
gongbu.first = function (event) {
  var ours = event.type === "keydown" ? event.key === "?" : event.type !== "pointerdown";
  if (ours && event.target.isConnected) event.target.dispatchEvent(new event.constructor(event.type, event));
};
