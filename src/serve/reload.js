// Loads the page again when the notes have changed, and shows what is wrong with them. Only
// `gongbu serve` adds this.
(() => {
  const meta = document.querySelector('meta[name="gongbu-token"]');
  const events = new EventSource(`/_gongbu/events?token=${meta.content}&version=${meta.dataset.version}`);
  let overlay = null;
  const close = () => {
    if (overlay) overlay.remove();
    overlay = null;
  };
  events.onmessage = () => location.reload();
  events.addEventListener("healed", close);
  events.addEventListener("broken", (event) => {
    close();
    const { title, hide, text } = JSON.parse(event.data);
    overlay = document.createElement("section");
    overlay.className = "gongbu-overlay";
    overlay.setAttribute("role", "alert");
    const add = (name, words) => {
      const element = document.createElement(name);
      element.textContent = words;
      overlay.append(element);
      return element;
    };
    add("h2", title);
    add("button", hide).addEventListener("click", close);
    add("pre", text);
    document.body.append(overlay);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
  // A server that was started again has another token: the page itself knows nothing of it.
  let lost = false;
  events.onerror = () => {
    if (events.readyState !== EventSource.CLOSED || lost) return;
    lost = true;
    const retry = () => fetch(location.href, { method: "HEAD" }).then(() => location.reload(), () => setTimeout(retry, 1000));
    setTimeout(retry, 1000);
  };
})();
