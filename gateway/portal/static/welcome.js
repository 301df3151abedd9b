// A QR code brings the code behind the #, which no server and no log ever sees; here it is put into the form, and
// taken out of the address, so that the history does not keep it either.
export function start(page) {
  const field = page.querySelector("[data-code]");
  const brought = decodeURIComponent(window.location.hash.slice(1));
  if (!field || !brought) return;
  field.value = brought.slice(0, field.maxLength);
  window.history.replaceState(null, "", window.location.pathname + window.location.search);
  page.querySelector("#password").focus();
}
