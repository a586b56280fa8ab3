// Keys of every page, lists, menus, suggestions and what htmx leaves to do. No build, no dependency but htmx.
const byId = (id) => document.getElementById(id);
const typing = (element) => element && (element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName) && !/^(checkbox|radio|button|submit)$/.test(element.type));

export const say = (line) => { const live = byId("live"); if (live) live.textContent = line; };

// Single keys can be switched off (WCAG 2.1.4); the choice stays in this browser.
const singleKeys = () => localStorage.getItem("single-keys") !== "off";
const handlers = new Map();
export const onKey = (key, act) => handlers.set(key, act);

function rowsOf() {
  const list = [...document.querySelectorAll("[data-list]")].find((element) => element.querySelector("[data-row]"));
  return list ? [...list.querySelectorAll("[data-row]")] : [];
}
export const cursor = () => rowsOf().find((row) => row.classList.contains("cursor"));
export function moveCursor(step) {
  const rows = rowsOf();
  if (!rows.length) return;
  const at = rows.findIndex((row) => row.classList.contains("cursor"));
  const next = rows[Math.min(Math.max(at < 0 ? (step > 0 ? 0 : rows.length - 1) : at + step, 0), rows.length - 1)];
  rows.forEach((row) => row.classList.toggle("cursor", row === next));
  (next.querySelector("[data-go]") || next.querySelector("input, a, button"))?.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}
onKey("j", () => moveCursor(1));
onKey("k", () => moveCursor(-1));
onKey("x", () => { const box = cursor()?.querySelector("[data-pick]"); if (box) box.click(); });
onKey("v", () => document.querySelector("[data-other-view]")?.click());
onKey("/", () => {
  const box = [...document.querySelectorAll('input[name="q"]')].find((input) => input.offsetParent);
  if (box) { box.focus(); box.select(); } else location.assign(document.querySelector(".topbar form.searchbox")?.action || "/");
});
onKey("?", () => openDialog("keys"));

function openDialog(id) { const dialog = byId(id); if (dialog && !dialog.open) dialog.showModal(); }

document.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    const form = event.target.closest?.("form[data-ctrl-enter]") || document.querySelector("form[data-ctrl-enter]");
    if (form) { event.preventDefault(); form.querySelector("button.primary, button.danger:not([name])")?.click(); }
    return;
  }
  if (event.key === "Escape") {
    document.querySelectorAll("details.dropdown[open]").forEach((menu) => { menu.open = false; menu.querySelector("summary").focus(); });
    closeAll();
    if (typing(event.target)) event.target.blur();
    return;
  }
  if (event.target.matches?.(SUGGESTS)) { walkSuggestions(event); return; }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]") || !singleKeys()) return;
  const act = handlers.get(event.key);
  if (act) { event.preventDefault(); act(event); }
});

// --- suggestions: a combobox as WAI-ARIA has it; the focus stays in the field, arrows walk, Enter takes ---
const SUGGESTS = "[data-suggests], [data-party-name]";
const boxOf = (input) => input.parentElement.querySelector(".suggestions");
let boxes = 0;

// Roles and states follow from what stands in the box, and which of it is walked to (-1: none).
function dressSuggestions(input, at = -1) {
  const box = boxOf(input);
  const options = [...box.querySelectorAll("a")];
  if (!options.length) box.replaceChildren();
  box.id ||= `suggestions-${++boxes}`;
  box.setAttribute("role", "listbox");
  box.setAttribute("aria-label", input.getAttribute("aria-label"));
  options.forEach((option, place) => {
    const states = { id: `${box.id}-${place}`, role: "option", tabindex: "-1", "aria-selected": place === at };
    Object.entries(states).forEach(([name, value]) => option.setAttribute(name, value));
  });
  const states = { role: "combobox", "aria-autocomplete": "list", "aria-controls": box.id, "aria-expanded": options.length > 0 };
  Object.entries(states).forEach(([name, value]) => input.setAttribute(name, value));
  if (at < 0) input.removeAttribute("aria-activedescendant");
  else input.setAttribute("aria-activedescendant", options[at].id);
}
function closeSuggestions(input) { boxOf(input).replaceChildren(); dressSuggestions(input); }
const dressAll = (root) => root.querySelectorAll(SUGGESTS).forEach((input) => dressSuggestions(input));
const closeAll = (but = () => false) => document.querySelectorAll(SUGGESTS).forEach((input) => { if (!but(input)) closeSuggestions(input); });

function walkSuggestions(event) {
  const options = [...boxOf(event.target).querySelectorAll("a")];
  if (!options.length || !["ArrowDown", "ArrowUp", "Enter"].includes(event.key)) return;
  const at = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
  if (event.key === "Enter") { if (at >= 0) { event.preventDefault(); options[at].click(); } return; }
  event.preventDefault();
  const next = event.key === "ArrowDown" ? at + 1 : at < 0 ? options.length - 1 : at - 1;
  dressSuggestions(event.target, (next + options.length) % options.length);
}
document.addEventListener("focusout", (event) => {  // a click on an option need not move the focus, so nowhere is not elsewhere
  if (event.target.matches(SUGGESTS) && event.relatedTarget && !event.target.parentElement.contains(event.relatedTarget)) closeSuggestions(event.target);
});
document.body.addEventListener("htmx:afterSwap", (event) => {
  if (!event.detail.target.matches(".suggestions")) { dressAll(event.detail.target); return; }
  const input = event.detail.target.parentElement.querySelector(SUGGESTS);
  if (input === document.activeElement) dressSuggestions(input); else closeSuggestions(input); // an answer that came too late
});
dressAll(document);

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) { document.querySelectorAll("[popover]:popover-open").forEach((open) => open.hidePopover()); openDialog(opener.dataset.opens); }
  const toggler = event.target.closest("[data-toggles]");
  if (toggler) toggler.setAttribute("aria-expanded", String(byId(toggler.dataset.toggles).classList.toggle("open")));
  document.querySelectorAll("details.dropdown[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  closeAll((input) => input.parentElement.contains(event.target));
  const party = event.target.closest("[data-party-id]");
  if (party) { event.preventDefault(); takeParty(party); }
  if (event.target.closest("[data-add-party]")) addParty();
  const dropped = event.target.closest("[data-drop-party]");
  if (dropped) dropParty(dropped.closest(".party"));
});

// --- rows of parties ---
function takeParty(option) {
  const row = option.closest(".party");
  row.querySelector("[name=party_name]").value = option.querySelector("span").textContent;
  row.querySelector("[name=party_id]").value = option.dataset.partyId;
  row.querySelector("[name=party_kind]").value = option.dataset.partyKind;
  closeSuggestions(row.querySelector("[name=party_name]"));
  row.querySelector("[name=party_name]").focus();
}
function addParty() {
  const rows = byId("party-rows");
  rows.append(byId("party-template").content.cloneNode(true));
  window.htmx?.process(rows.lastElementChild);
  dressAll(rows.lastElementChild);
  rows.lastElementChild.querySelector("[name=party_role]").focus();
}
function dropParty(row) {
  if (row.parentElement.children.length > 1) row.remove();
  else row.querySelectorAll("input").forEach((input) => { input.value = ""; });
}
document.addEventListener("input", (event) => {
  if (event.target.matches("[data-party-name]")) event.target.parentElement.querySelector("[name=party_id]").value = "";
});

// --- errors: the first one has the focus; a lost server is told, and nothing typed is lost ---
export function focusFirstError(root = document) {
  const wrong = root.querySelector('[aria-invalid="true"]') || root.querySelector('.note.bad[role="alert"]');
  (wrong?.matches('[role="radiogroup"]') ? wrong.querySelector("input:checked, input") : wrong)?.focus();
}
document.body.addEventListener("htmx:afterSettle", (event) => focusFirstError(event.detail.elt));
["htmx:sendError", "htmx:responseError", "htmx:timeout"].forEach((name) => document.body.addEventListener(name, () => toast(document.body.dataset.lost)));
export function toast(line) {
  document.querySelector(".toast")?.remove();
  const box = Object.assign(document.createElement("div"), { className: "toast", textContent: line });
  box.setAttribute("role", "alert");
  document.body.append(box);
  setTimeout(() => box.remove(), 7000);
}
focusFirstError();

const keysSwitch = byId("single-keys");
if (keysSwitch) {
  keysSwitch.checked = singleKeys();
  keysSwitch.addEventListener("change", () => localStorage.setItem("single-keys", keysSwitch.checked ? "on" : "off"));
}
