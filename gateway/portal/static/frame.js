// What every page shares: focus and voice after a change, parts that need a script, words kept when a session ends.
const live = document.getElementById("live");

// A part of a page may name a module: <div data-module="/assets/…/chart.js">; its `start` gets the part.
function startParts(root) {
  const parts = [...root.querySelectorAll("[data-module]")];
  if (root.matches?.("[data-module]")) parts.unshift(root);
  for (const part of parts) {
    if (part.dataset.started) continue;
    part.dataset.started = "yes";
    import(part.dataset.module).then((module) => module.start(part));
  }
}

export function speak(text) {
  live.textContent = "";
  setTimeout(() => { live.textContent = text; }, 50);
}

// After a page came in: what is wrong first, then what the page asks for, else its heading.
function focusPage() {
  const target = document.querySelector("[data-focus]") ?? document.querySelector("#main h1");
  if (!target) return;
  target.setAttribute("tabindex", "-1");
  target.focus({ preventScroll: !target.matches("[data-focus]") });
  speak(document.querySelector(".said")?.textContent.trim() ?? document.title);
}

// Words that somebody wrote outlive an ended session or a lost network: kept in this tab, until they were accepted.
const keyOf = (form) => `neo:${location.pathname}:${form.dataset.keep}`;

function keep(form) {
  const words = {};
  for (const field of form.querySelectorAll("textarea, input[type=text]")) words[field.name] = field.value;
  sessionStorage.setItem(keyOf(form), JSON.stringify(words));
}

function giveBack(root) {
  for (const form of root.querySelectorAll("form[data-keep]")) {
    const words = JSON.parse(sessionStorage.getItem(keyOf(form)) ?? "{}");
    for (const [name, value] of Object.entries(words)) {
      const field = form.elements.namedItem(name);
      if (field && !field.value) field.value = value;
    }
  }
}

document.addEventListener("input", (event) => {
  const form = event.target.closest?.("form[data-keep]");
  if (form) keep(form);
});
document.addEventListener("submit", (event) => {
  // Whoever leaves takes along what they wrote.
  if (event.target.getAttribute("action") === "/sign-out") sessionStorage.clear();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = document.activeElement?.closest("details.menu[open]");
  if (open) {
    open.open = false;
    open.querySelector("summary").focus();
  }
  document.activeElement?.closest(".tip")?.classList.add("hushed");
});
document.addEventListener("focusout", (event) => event.target.closest?.(".tip")?.classList.remove("hushed"));
document.addEventListener("pointerover", (event) => event.target.closest?.(".tip")?.classList.remove("hushed"));
document.addEventListener("click", (event) => {
  for (const open of document.querySelectorAll("details.menu[open]")) {
    if (!open.contains(event.target)) open.open = false;
  }
});

document.addEventListener("htmx:afterSettle", (event) => {
  const root = event.detail.elt;
  startParts(root);
  giveBack(document);
  if (root.id === "page" || root.querySelector?.("#main")) {
    document.querySelector(".said") && forgetKept();
    focusPage();
  } else if (event.detail.target?.dataset.say) {
    speak(event.detail.target.textContent.trim());
  }
});
document.addEventListener("htmx:sendError", () => speak(document.body.dataset.away ?? ""));

function forgetKept() {
  for (const key of Object.keys(sessionStorage)) {
    if (key.startsWith(`neo:${location.pathname}:`)) sessionStorage.removeItem(key);
  }
}

startParts(document);
giveBack(document);
document.querySelector("[data-focus]")?.focus();
