// The search as one sees it: the dialog, and the page with all results. What it finds is in search.js.
(function (search) {
  "use strict";

  const say = () => search.words().catch(() => ({}));
  function make(name, attributes, ...inside) {
    const it = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) it.setAttribute(key, value);
    it.append(...inside);
    return it;
  }
  // The part of a text that says most of what was asked, in pieces: [text, is it a match].
  function excerpt(text, asked) {
    let from = 0, most = -1;
    const low = text.toLowerCase();
    const places = asked.map((word) => low.indexOf(word)).filter((at) => at >= 0);
    for (const at of places) {
      const start = Math.max(0, at - 30);
      const many = asked.filter((word) => low.slice(start, start + 140).includes(word)).length;
      if (many > most) [most, from] = [many, start];
    }
    if (from) from = Math.max(text.lastIndexOf(" ", from), text.lastIndexOf("\n", from)) + 1;
    const cut = text.slice(from, from + 140).replace(/\s+/g, " ");
    const whole = (from ? "… " : "") + cut + (from + 140 < text.length ? " …" : "");
    return { pieces: search.marked(whole, asked), many: Math.max(0, most) };
  }
  search.marked = (text, asked) => {
    const pieces = [], low = text.toLowerCase();
    let at = 0;
    while (at < text.length) {
      let next = text.length, length = 0;
      for (const word of asked) {
        const place = low.indexOf(word, at);
        if (place >= 0 && (place < next || (place === next && word.length > length))) [next, length] = [place, word.length];
      }
      if (next > at) pieces.push([text.slice(at, next), false]);
      if (length) pieces.push([text.slice(next, next + length), true]);
      at = next + length;
    }
    return pieces;
  };
  // A document as a result: with the passage that says most of what was asked.
  search.shown = (page, texts, asked, whole) => {
    const found = { title: page.title, url: page.url, section: page.section, kind: page.kind, heading: "", excerpt: "", pieces: [] };
    let best = null;
    for (const [anchor, heading, text] of (texts && texts[page.place]) || []) {
      const one = excerpt(text, asked);
      const low = heading.toLowerCase();
      const many = one.many + asked.filter((word) => low.includes(word)).length + (heading && search.text.squeeze(heading) === whole ? 9 : 0);
      if (!best || many > best.many) best = { anchor, heading, many, pieces: one.pieces };
    }
    if (best) {
      found.pieces = best.pieces;
      found.excerpt = best.pieces.map(([text]) => text).join("");
      if (best.anchor && best.many) {
        found.heading = best.heading;
        found.url = page.url.replace(/#.*/, "") + "#" + encodeURIComponent(best.anchor);
      }
      // The heading that was asked for is a result of its own, under its page.
      if (best.many > 8 && search.text.squeeze(page.title) !== whole) return [found, { ...found, title: best.heading, heading: page.title }];
    }
    return [found];
  };

  // Text with what was found in it marked. Only text nodes: what notes or readers write is never HTML.
  const marks = (pieces) => pieces.map(([text, is]) => (is ? make("mark", {}, text) : text));
  const here = (url) => search.root + url;

  function item(result, found, words) {
    const about = make("span", { class: "about" }, words["kind_" + result.kind] || "");
    if (result.heading) about.append(" · " + result.heading);
    const link = make("a", { href: here(result.url), tabindex: "-1" }, make("b", {}, ...marks(found.marked(result.title))), about);
    if (result.pieces.length) link.append(make("span", { class: "says" }, ...marks(result.pieces)));
    return link;
  }
  function grouped(results) {
    const groups = new Map();
    for (const result of results) groups.set(result.section, [...(groups.get(result.section) || []), result]);
    return groups;
  }

  // What was read last: the pages themselves remember it, on this device only.
  const recent = () => gongbu.store("recent") || [];

  let dialog, input, list, status, live, more, at = -1, turn = 0;
  // What was asked for when the list was made, and whether Enter waits for what is being looked for.
  let answered = "", waits = false;
  // What is read out: once the typing rests, so that not each key is answered.
  const REST = 700;
  let rest;
  function announce() {
    rest = setTimeout(() => { live.textContent = status.textContent; }, REST);
  }
  function build(words) {
    input = make("input", { type: "search", role: "combobox", "aria-expanded": "false", "aria-controls": "g-list", "aria-autocomplete": "list", "aria-label": words.search || "", placeholder: words.search_hint || "", autocomplete: "off", autocapitalize: "off", spellcheck: "false", enterkeyhint: "go" });
    // The field moves in it; as a thing that scrolls it would be a stop of its own.
    list = make("div", { id: "g-list", role: "listbox", tabindex: "-1", "aria-label": words.search || "" });
    status = make("p", { class: "state" });
    live = make("p", { role: "status", class: "unseen" });
    // Not in the list: it is none of the options.
    more = make("p", { class: "more", hidden: "" });
    const close = make("button", { type: "button", class: "close", "aria-label": words.search_close || "" });
    dialog = make("dialog", { class: "search", "aria-label": words.search || "" }, make("div", { class: "ask" }, input, close), status, live, list, more, make("p", { class: "keys" }, words.search_keys || ""));
    document.body.append(dialog);
    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => { waits = false; });
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
    input.addEventListener("input", () => {
      waits = false;
      choose(options(), null);
      show(words);
    });
    input.addEventListener("keydown", (event) => {
      // While a syllable is being put together, Enter and the arrows belong to the keyboard.
      if (event.isComposing || event.keyCode === 229) return;
      const all = options();
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        choose(all, event.key === "ArrowDown" ? at + 1 : at < 0 ? all.length - 1 : at - 1);
      } else if (event.key === "Escape") {
        // A search field would first empty itself.
        event.preventDefault();
        dialog.close();
      } else if (event.key === "Enter") {
        event.preventDefault();
        // Who types faster than it is found does not mean the answer to half a word.
        if (at < 0 && answered !== input.value.trim()) waits = true;
        else open(all);
      }
    });
  }
  const options = () => [...list.querySelectorAll("[role=option]")];
  function open(all) {
    const chosen = all[Math.max(at, 0)];
    if (chosen) chosen.click();
  }
  // `next`: the number of an option, or null for none.
  function choose(all, next) {
    at = all.length && next !== null ? (next + all.length) % all.length : -1;
    all.forEach((it, place) => it.setAttribute("aria-selected", place === at));
    if (at < 0) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", all[at].id);
    all[at].scrollIntoView({ block: "nearest" });
  }
  // What was chosen stays chosen where the new list has it too.
  function fill(groups) {
    const chosen = list.querySelector("[aria-selected=true]");
    const href = chosen && chosen.href;
    list.replaceChildren();
    let number = 0;
    for (const [label, links] of groups) {
      if (!links.length) continue;
      const id = "g-group-" + number;
      const group = make("div", { role: "group", "aria-labelledby": id }, make("p", { id, class: "group" }, label));
      for (const link of links) {
        link.id = "g-option-" + number++;
        link.setAttribute("role", "option");
        link.setAttribute("aria-selected", "false");
        group.append(link);
      }
      list.append(group);
    }
    input.setAttribute("aria-expanded", number > 0);
    const all = options();
    const again = all.findIndex((it) => it.href === href);
    choose(all, again < 0 ? null : again);
    answered = input.value.trim();
    if (waits) open(all);
    waits = false;
  }
  async function show(words) {
    const text = input.value.trim(), mine = ++turn;
    clearTimeout(rest);
    if (!text) {
      status.textContent = words.search_empty || "";
      more.hidden = true;
      announce();
      return fill([[words.search_recent, recent().map((it) => make("a", { href: here(it.url), tabindex: "-1" }, make("b", {}, it.title)))]]);
    }
    const wait = setTimeout(() => { if (mine === turn) status.textContent = words.search_loading || "…"; }, 150);
    let results;
    try { results = await search.find(text, { limit: 7 }); } catch (e) { results = Object.assign([], { failed: true }); }
    clearTimeout(wait);
    // An answer that comes late is not shown over a newer one.
    if (mine !== turn) return;
    fill([...grouped(results)].map(([section, own]) => [section || words.services || "", own.map((result) => {
      const link = item(result, results, words);
      link.addEventListener("click", () => dialog.close());
      return link;
    })]));
    told(status, text, results, words);
    more.replaceChildren(make("a", { href: here("search.html?q=" + encodeURIComponent(text)) }, words.search_all || ""));
    more.hidden = !results.length;
    announce();
  }
  function told(place, text, results, words) {
    const count = results.length ? (words.search_some || "{n}").replace("{n}", results.length) : (words.search_none || "{x}").replace("{x}", () => text.slice(0, 60));
    place.replaceChildren(count);
    if (results.failed) place.append(" · " + (words.search_failed || ""));
    if (results.meant) place.append(" · " + (words.search_meant || "") + " ", make("b", {}, results.meant));
  }

  search.open = async () => {
    if (!dialog) {
      const style = document.querySelector("a.find").dataset.css;
      if (!document.querySelector(`link[href="${style}"]`)) document.head.append(make("link", { rel: "stylesheet", href: style }));
      // It opens at once, and is told its words when they have come.
      const words = {};
      build(words);
      say().then((come) => {
        Object.assign(words, come);
        for (const it of [dialog, input, list]) it.setAttribute("aria-label", words.search || "");
        input.placeholder = words.search_hint || "";
        dialog.querySelector(".close").setAttribute("aria-label", words.search_close || "");
        dialog.querySelector(".keys").textContent = words.search_keys || "";
        show(words);
      });
    }
    if (!dialog.open) dialog.showModal();
    input.focus();
    input.select();
  };

  // The page with all results, by section and kind.
  async function page() {
    const place = document.getElementById("g-found");
    if (!place) return;
    const field = document.getElementById("g-q");
    const text = (new URLSearchParams(location.search).get("q") || "").trim();
    const words = await say();
    field.value = text;
    if (!text) return field.focus();
    const state = make("p", { role: "status", class: "state" }, words.search_loading || "…");
    place.replaceChildren(state);
    let results;
    try { results = await search.find(text, { limit: 50 }); } catch (e) { results = Object.assign([], { failed: true }); }
    told(state, text, results, words);
    const body = make("div", {});
    const chosen = { kind: "", section: "" };
    const facet = (name, value, label) => {
      const button = make("button", { type: "button", "aria-pressed": String(chosen[name] === value) }, label);
      button.addEventListener("click", () => {
        chosen[name] = value;
        for (const it of button.parentNode.children) it.setAttribute("aria-pressed", it === button);
        draw();
      });
      return button;
    };
    for (const name of ["kind", "section"]) {
      const values = [...new Set(results.map((it) => it[name]))].filter(Boolean);
      if (values.length < 2) continue;
      const label = (value) => (name === "kind" ? words["kind_" + value] || value : value);
      place.append(make("div", { class: "facets", role: "group" }, facet(name, "", words.search_everything || "…"), ...values.map((value) => facet(name, value, label(value)))));
    }
    place.append(body);
    function draw() {
      const shown = results.filter((it) => ["kind", "section"].every((name) => !chosen[name] || it[name] === chosen[name]));
      body.replaceChildren(...[...grouped(shown)].map(([section, own]) => {
        const links = own.map((result) => {
          const link = item(result, results, words);
          link.removeAttribute("tabindex");
          link.addEventListener("click", () => keep(result));
          return make("li", {}, link);
        });
        return make("section", {}, make("h2", {}, section || words.services || ""), make("ul", { class: "found" }, ...links));
      }));
    }
    draw();
  }
  page();
})(gongbu.search);
