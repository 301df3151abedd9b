// The number came with the page; this keeps it up to date while the page is open.
const number = document.querySelector("[data-events]");
const stale = document.querySelector("[data-stale]");
const format = new Intl.NumberFormat(document.documentElement.lang);
let source = null;

function watch() {
  source = new EventSource("/live/events");
  source.addEventListener("message", (message) => {
    const reading = JSON.parse(message.data);
    if (reading.events || !reading.is_stale) number.textContent = format.format(reading.events);
    stale.hidden = !reading.is_stale;
  });
}

if (number && stale && "EventSource" in window) {
  watch();
  window.addEventListener("pagehide", () => source.close());
  window.addEventListener("pageshow", (shown) => {
    if (shown.persisted) watch();
  });
}
