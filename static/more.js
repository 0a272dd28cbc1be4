// What is for whoever points or types: previews of services, pictures in large, the list of keys,
// uncovering by the keyboard. Loaded with the first move.

// Resting on the name of a service shows what it is. The box can be entered, and Esc closes it. The lines
// of all services are in a few scripts, of which a page loads what is pointed at.
gongbu.previews = function () {
  if (!HTMLElement.prototype.showPopover) return;
  var box = gongbu.make("div", { id: "g-preview", class: "preview", popover: "manual", role: "tooltip" });
  var known = {}, shown, wanted, timer;
  document.querySelector("main").append(box);
  gongbu.gists = function (some) { Object.assign(known, some); };
  function load(id) {
    var hash = 0;
    for (var letter of id) hash = Math.imul(hash, 31) + letter.codePointAt(0) >>> 0;
    return gongbu.load(gongbu.root + "gists/" + hash % gongbu.words.gists + ".js");
  }
  function close() {
    clearTimeout(timer);
    wanted = null;
    if (shown) shown.removeAttribute("aria-describedby");
    shown = null;
    if (box.matches(":popover-open")) box.hidePopover();
  }
  function open(link) {
    var found = known[link.dataset.term];
    if (!found || shown === link) return;
    close();
    shown = link;
    var name = gongbu.make("p");
    name.append(gongbu.make("b", {}, found[0]), found[1] && " " + found[1]);
    box.replaceChildren(name, gongbu.make("p", {}, found[2]));
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
    // A finger that follows a link focuses it too.
    if (event.pointerType === "touch" || event.type === "focusin" && !event.target.matches(":focus-visible")) return;
    var link = event.target.closest && event.target.closest("main a[data-term]");
    wanted = link;
    if (link) {
      var loaded = load(link.dataset.term);
      later(250, function () {
        loaded.then(function () { if (wanted === link) open(link); }, function () { /* no network: no preview */ });
      });
    }
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

// The list of the keys. Those that come alone can be switched off there (WCAG 2.1.4).
gongbu.help = function () {
  var dialog = gongbu.dialog("help", gongbu.words.help);
  var list = gongbu.make("dl");
  gongbu.words.keys.split("|").forEach(function (part, i) {
    if (i % 2) return list.append(gongbu.make("dd", {}, part));
    var keys = gongbu.make("dt");
    part.split(" ").forEach(function (key) { keys.append(gongbu.make("kbd", {}, key), " "); });
    list.append(keys);
  });
  var label = gongbu.make("label");
  var box = gongbu.make("input", { type: "checkbox" });
  box.checked = gongbu.store("keys") !== false;
  box.addEventListener("change", function () { gongbu.store("keys", box.checked); });
  label.append(box, " " + gongbu.words.single);
  dialog.append(gongbu.make("h2", {}, gongbu.words.help), list, label);
  dialog.showModal();
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

gongbu.previews();
gongbu.zoom();
gongbu.recall();
document.addEventListener("keydown", function (event) {
  if (event.key === "?" && gongbu.single(event)) gongbu.help();
});

// The move that brought us here is answered too.
gongbu.first = function (event) {
  var ours = event.type === "keydown" ? event.key === "?" : event.type !== "pointerdown";
  if (ours && event.target.isConnected) event.target.dispatchEvent(new event.constructor(event.type, event));
};
