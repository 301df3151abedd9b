// A long job while its page is open: server-sent events keep the bar and the words up to date; when the job is over,
// the link that leads on is followed. The words change at milestones, and only then are they spoken.
const live = document.getElementById("live");

export function start(part) {
  if (!("EventSource" in window)) return;
  const source = new EventSource(part.dataset.stream);
  source.addEventListener("message", (message) => {
    if (!part.isConnected) return source.close();
    const telling = JSON.parse(message.data);
    show(part, telling);
    if (!telling.is_over) return;
    source.close();
    part.querySelector("[data-onward]").click();
  });
  // Heartbeats are not heard here; a part that has left with its page is noticed by its own frame.
  const leaving = new MutationObserver(() => {
    if (part.isConnected) return;
    source.close();
    leaving.disconnect();
  });
  leaving.observe(document.body, { childList: true });
  addEventListener("pagehide", () => source.close(), { once: true });
}

function show(part, { words, share }) {
  const bar = part.querySelector("progress");
  if (share === null) bar.removeAttribute("value");
  else bar.value = share;
  const line = part.querySelector("[data-words]");
  if (line.textContent.trim() === words) return;
  line.textContent = words;
  live.textContent = words;
}
