// To file: choose rows and put them in order, by dragging, by buttons, or by Alt with the arrows.
import { cursor, say } from "./keys.js";

const filing = document.getElementById("filing");
const rows = () => [...filing.querySelectorAll("tr[data-row]")];
let dragged = null;

// Numbers that were shown stand for the order they were shown in: any change makes them unsaid.
function changed() {
  filing.querySelectorAll("[data-number]").forEach((cell) => { cell.textContent = "–"; });
  filing.querySelectorAll("[data-stale]").forEach((button) => button.remove());
  const again = filing.querySelector('[value="preview"]');
  again?.classList.add("primary");
  count();
}
function count() {
  const picked = filing.querySelectorAll("[data-pick]:checked").length;
  const line = filing.querySelector("[data-picked]");
  if (line) line.textContent = line.dataset.line.replace("%1", picked);
  filing.querySelectorAll("[data-needs-pick]").forEach((button) => { button.disabled = !picked; });
  const all = filing.querySelector("[data-pick-all]");
  if (all) { all.checked = picked > 0 && picked === rows().length; all.indeterminate = picked > 0 && picked < rows().length; }
}
function move(row, step) {
  const other = step < 0 ? row.previousElementSibling : row.nextElementSibling;
  if (!other) return;
  if (step < 0) other.before(row); else other.after(row);
  changed();
  say(`${rows().indexOf(row) + 1} / ${rows().length}`);
}

filing?.addEventListener("click", (event) => {
  const button = event.target.closest("[data-move]");
  if (button) { move(button.closest("tr"), Number(button.dataset.move)); button.focus(); }
});
filing?.addEventListener("change", (event) => {
  if (event.target.matches("[data-pick-all]")) rows().forEach((row) => { row.querySelector("[data-pick]").checked = event.target.checked; });
  rows().forEach((row) => row.classList.toggle("selected", row.querySelector("[data-pick]").checked));
  changed();
});
document.addEventListener("keydown", (event) => {
  if (!event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
  const row = event.target.closest?.("tr[data-row]") || cursor();
  if (!row || !filing.contains(row)) return;
  event.preventDefault();
  const focused = document.activeElement;
  move(row, event.key === "ArrowUp" ? -1 : 1);
  focused?.focus();
});
filing?.addEventListener("dragstart", (event) => { dragged = event.target.closest("tr[data-row]"); dragged?.classList.add("dragging"); event.dataTransfer.effectAllowed = "move"; });
filing?.addEventListener("dragover", (event) => {
  const row = event.target.closest("tr[data-row]");
  if (!dragged || !row) return;
  event.preventDefault();
  const { top, height } = row.getBoundingClientRect();
  rows().forEach((other) => other.classList.remove("drop-before", "drop-after"));
  if (row !== dragged) row.classList.add(event.clientY < top + height / 2 ? "drop-before" : "drop-after");
});
filing?.addEventListener("drop", (event) => {
  const row = event.target.closest("tr[data-row]");
  if (!dragged || !row || row === dragged) return;
  event.preventDefault();
  if (row.classList.contains("drop-before")) row.before(dragged); else row.after(dragged);
  changed();
});
filing?.addEventListener("dragend", () => { rows().forEach((row) => row.classList.remove("dragging", "drop-before", "drop-after")); dragged = null; });
document.body.addEventListener("htmx:afterSwap", count);
if (filing) count();
