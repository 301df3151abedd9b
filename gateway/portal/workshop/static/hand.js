// Another curator's hand: when somebody else has changed the run that is on the screen, a line says who and what, and
// offers to show it. Nothing on the page changes by itself.
const live = document.getElementById("live");

export function start(part) {
  if (!("EventSource" in window)) return;
  const source = new EventSource(part.dataset.stream);
  source.addEventListener("message", (message) => {
    const { words, is_over } = JSON.parse(message.data);
    if (!is_over) return;
    source.close();
    if (!part.isConnected) return;
    part.querySelector("[data-words]").textContent = words;
    part.hidden = false;
    live.textContent = words;
  });
  const leaving = new MutationObserver(() => {
    if (part.isConnected) return;
    source.close();
    leaving.disconnect();
  });
  leaving.observe(document.body, { childList: true });
  addEventListener("pagehide", () => source.close(), { once: true });
}
