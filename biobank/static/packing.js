// Where a scan is not all that there is to tell, a scanner's Enter goes to the next field: the form is sent by its button.

const form = document.querySelector("#dispatch, #declare-form");
const FIELDS = "input:not([type=hidden], [type=radio]), textarea, select, button";
const isTyped = (field) => field.matches("input:not([type=radio], [type=checkbox], [type=submit])");

/** In the capture phase, before the page's scan box learns of it. */
function goOn(event) {
  if (event.key !== "Enter" || !isTyped(event.target)) return;
  event.preventDefault();
  event.stopPropagation();
  const fields = [...form.querySelectorAll(FIELDS)].filter((field) => field.offsetParent !== null);
  fields[fields.indexOf(event.target) + 1]?.focus();
}

form?.addEventListener("keydown", goOn, { capture: true });
