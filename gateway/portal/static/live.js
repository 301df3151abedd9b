// The number came with the page; this keeps it up to date while the page is open.
export function start(pulse) {
  const number = pulse.querySelector("[data-events]");
  const stale = pulse.querySelector("[data-stale]");
  const format = new Intl.NumberFormat(document.documentElement.lang);
  let source = null;

  function watch() {
    source = new EventSource("/live/events");
    source.addEventListener("message", (message) => {
      if (!pulse.isConnected) return source.close();
      const reading = JSON.parse(message.data);
      if (reading.events || !reading.is_stale) number.textContent = format.format(reading.events);
      stale.hidden = !reading.is_stale;
    });
  }

  watch();
  window.addEventListener("pagehide", () => source.close());
  window.addEventListener("pageshow", (shown) => {
    if (shown.persisted && pulse.isConnected) watch();
  });
}
