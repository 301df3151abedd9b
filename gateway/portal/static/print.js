// A form that prints the page instead of asking for it again; it shows itself only where a script runs.
export function start(form) {
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopPropagation();
    window.print();
  });
}
