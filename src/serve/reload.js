// Loads the page again when the notes have changed. Only `gongbu serve` adds this.
(() => {
  const token = document.querySelector('meta[name="gongbu-token"]').content;
  const events = new EventSource("/_gongbu/events?token=" + token);
  events.onmessage = () => location.reload();
  // A server that was started again has another token: the page itself knows nothing of it.
  let lost = false;
  events.onerror = () => {
    if (events.readyState !== EventSource.CLOSED || lost) return;
    lost = true;
    const retry = () => fetch(location.href, { method: "HEAD" }).then(() => location.reload(), () => setTimeout(retry, 1000));
    setTimeout(retry, 1000);
  };
})();
