// Enter with nothing scanned takes the position that is lit.

document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (event.key !== "Enter" || !field.matches?.("[data-store] [data-scan-home]") || field.value.trim() !== "") return;
  event.preventDefault();
  event.stopImmediatePropagation();
  field.form.querySelector("[data-take]")?.click();
}, { capture: true });
