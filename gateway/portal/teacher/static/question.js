// The questionnaire by keys, while the focus is inside it: 1 to 5 and 0 choose, the arrows go on and back.
export function start(question) {
  const form = question.querySelector("form");
  const choose = (value) => {
    const radio = form.querySelector(`input[name=level][value="${value}"]`);
    if (!radio || radio.disabled || radio.matches(":disabled")) return;
    radio.focus();
    radio.click();
  };
  const go = (way) => form.querySelector(`button[name=go][value=${way}]`)?.click();
  // After a whole load nothing has the focus yet, and the keys would not be heard.
  if (document.activeElement === document.body) {
    const heading = question.querySelector("h1");
    heading.setAttribute("tabindex", "-1");
    heading.focus({ preventScroll: true });
  }
  question.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^[0-5]$/.test(event.key)) choose(event.key === "0" ? "none" : event.key);
    // Within the sentences the arrows move the choice, as everywhere.
    else if (event.target.type === "radio") return;
    else if (event.key === "ArrowRight") go("next");
    else if (event.key === "ArrowLeft") go("back");
    else return;
    event.preventDefault();
  });
}
