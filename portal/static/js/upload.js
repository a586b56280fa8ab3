// Files and folders to the portal: three at a time, a bar for each, a verdict for each, one bad file never stops the others (CAP-1).
import { toast } from "./keys.js";

const AT_ONCE = 3;
const drop = document.getElementById("drop");
const body = document.getElementById("upload-rows");
const foot = document.getElementById("upload-foot");
const sum = document.getElementById("upload-sum");
const template = document.getElementById("row-template");
const form = document.getElementById("register-form");
const waiting = [];
let running = 0;

// --- what was dropped: files, and folders walked to their ends ---
async function filesOf(entries) {
  const found = [];
  const walk = async (entry) => {
    if (entry.isFile) found.push(await new Promise((resolve, reject) => entry.file(resolve, reject)));
    else {
      const reader = entry.createReader();
      for (;;) {
        const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
        if (!some.length) break;
        for (const child of some) await walk(child);
      }
    }
  };
  for (const entry of entries) await walk(entry);
  return found;
}
const wanted = (file) => !/^(\.|~\$)|^(Thumbs\.db|desktop\.ini)$/i.test(file.name);

function take(files) {
  [...files].filter(wanted).forEach((file) => {
    const row = template.content.firstElementChild.cloneNode(true);
    row.querySelector(".name").textContent = file.webkitRelativePath || file.name;
    row.querySelector(".about").textContent = human(file.size);
    row.querySelector("progress").setAttribute("aria-label", file.name);
    row.querySelector(".line").textContent = row.querySelector(".line").dataset.waits;
    Object.assign(row.dataset, { name: file.name, size: file.size });
    body.append(row);
    waiting.push({ file, row });
  });
  document.getElementById("no-uploads").hidden = true;
  foot.hidden = false;
  pump();
}
function pump() {
  while (running < AT_ONCE && waiting.length) { running += 1; send(waiting.shift()); }
  total();
}
function human(bytes) {
  const units = ["B", "KB", "MB", "GB"];
  let at = 0;
  for (; bytes >= 1024 && at < 3; at += 1) bytes /= 1024;
  return `${bytes.toFixed(at > 1 ? 1 : 0)} ${units[at]}`;
}

function send({ file, row }) {
  if (file.size > Number(drop.dataset.max)) { done(); refuse(row, row.querySelector(".verdict").dataset.tooLarge); return; }
  const request = new XMLHttpRequest();
  const line = row.querySelector(".line");
  const bar = row.querySelector("progress");
  const started = performance.now();
  request.upload.addEventListener("progress", (event) => {
    const share = event.loaded / event.total;
    bar.value = Math.round(share * 100);
    const left = Math.ceil((performance.now() - started) / 1000 * (1 - share) / Math.max(share, 0.01));
    line.textContent = share < 1 ? line.dataset.left.replace("%1", Math.round(share * 100)).replace("%2", left) : line.dataset.checking;
  });
  request.addEventListener("load", () => { done(); settle(row, request, file); });
  request.addEventListener("error", () => { done(); lost(row, file); });
  request.open("POST", drop.dataset.uploadUrl);
  request.setRequestHeader("X-CSRFToken", form.querySelector("[name=csrfmiddlewaretoken]").value);
  request.setRequestHeader("HX-Request", "true");
  const data = new FormData();
  data.append("file", file, file.name);
  request.send(data);
}
function done() { running -= 1; queueMicrotask(pump); }

function settle(row, request, file) {
  const parsed = document.createElement("template");
  parsed.innerHTML = request.responseText.trim();
  const fresh = parsed.content.querySelector("tr[data-row]");
  if (!fresh) { lost(row, file); return; }
  row.replaceWith(fresh);
  window.htmx?.process(fresh);
  const box = fresh.querySelector("[data-pick]");
  if (box && !body.querySelector("[data-pick]:checked")) { box.checked = true; }
  chosen();
}
function refuse(row, sentence) {
  row.dataset.state = "refused";
  row.dataset.verdict = sentence;
  row.querySelector(".state").replaceChildren();
  const cell = row.querySelector(".verdict");
  cell.replaceChildren(Object.assign(document.createElement("span"), { className: "chip bad", textContent: cell.dataset.refused }), Object.assign(document.createElement("div"), { className: "small danger-text", textContent: sentence }));
  total();
}
function lost(row, file) {
  const cell = row.querySelector(".verdict");
  const sentence = cell.dataset.lost;
  refuse(row, sentence);
  const again = Object.assign(document.createElement("button"), { className: "button tiny", type: "button", textContent: cell.dataset.again });
  again.addEventListener("click", () => { row.remove(); take([file]); });
  cell.append(again);
}

// --- what is chosen, and what the list comes to ---
const picked = () => [...body.querySelectorAll("[data-pick]:checked")];
function chosen() {
  body.querySelectorAll("tr").forEach((row) => row.classList.toggle("selected", Boolean(row.querySelector("[data-pick]:checked"))));
  const rows = picked().map((box) => box.closest("tr"));
  const title = document.getElementById("register-title");
  if (title) title.textContent = rows.length === 0 ? title.dataset.none : rows.length === 1 ? rows[0].dataset.name : title.dataset.many.replace("%1", rows.length);
  const split = document.getElementById("split");
  if (split) split.hidden = rows.length < 2;
  each();
  const named = document.getElementById("title");
  if (named && rows.length && (!named.value || named.dataset.guess === named.value)) { named.value = rows[0].dataset.name.replace(/\.[^.]+$/, "").replace(/[_]+/g, " "); named.dataset.guess = named.value; }
  total();
}
function each() {
  const split = document.getElementById("split");
  const apart = split && !split.hidden && split.querySelector("[value=each]").checked;
  const named = document.getElementById("title");
  if (named) { named.disabled = Boolean(apart); named.closest(".field").hidden = Boolean(apart); }
}
function total() {
  const rows = [...body.querySelectorAll("tr")];
  const count = (state) => rows.filter((row) => row.dataset.state === state).length;
  const going = count("running");
  sum.textContent = sum.dataset.line.replace("%1", rows.length).replace("%2", count("taken") + count("known") + count("registered")).replace("%3", count("known")).replace("%4", count("refused"))
    + (going ? ` · ${sum.dataset.running.replace("%1", going)}` : "");
  const all = document.getElementById("pick-all");
  const boxes = [...body.querySelectorAll("[data-pick]")];
  all.checked = boxes.length > 0 && boxes.every((box) => box.checked);
  all.indeterminate = !all.checked && boxes.some((box) => box.checked);
}

// A cell that begins like a formula is made plain text (PRT-7).
const cell = (value) => `"${String(/^[=+\-@\t\r]/.test(value) ? `'${value}` : value).replace(/"/g, '""')}"`;
function exportList() {
  const head = [...document.querySelectorAll("#uploads thead th")].slice(1).map((column) => column.textContent.trim());
  const lines = [[head[0], "bytes", "SHA-256", head[1], head[2]], ...[...body.querySelectorAll("tr")].map((row) => [row.dataset.name, row.dataset.size, row.dataset.sha256 || "", row.querySelector(".chip")?.textContent.trim() || "", row.dataset.verdict || ""])];
  const file = new Blob(["\ufeff", lines.map((line) => line.map((value) => cell(value ?? "")).join(",")).join("\r\n")], { type: "text/csv" });
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(file), download: "uploads.csv" });
  link.click();
  URL.revokeObjectURL(link.href);
}

drop.hidden = false;
["dragenter", "dragover"].forEach((name) => document.addEventListener(name, (event) => { if (event.dataTransfer?.types.includes("Files")) { event.preventDefault(); drop.classList.add("over"); } }));
["dragleave", "drop"].forEach((name) => document.addEventListener(name, (event) => { if (name === "drop" || !event.relatedTarget) drop.classList.remove("over"); }));
document.addEventListener("drop", async (event) => {
  if (!event.dataTransfer?.types.includes("Files")) return;
  event.preventDefault();
  const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  try { take(entries.length ? await filesOf(entries) : event.dataTransfer.files); } catch (error) { toast(String(error.message || error)); }
});
["pick-files", "pick-folder"].forEach((id) => { const input = document.getElementById(id); input.addEventListener("change", () => { take(input.files); input.value = ""; }); });
document.getElementById("export-list").addEventListener("click", exportList);
document.getElementById("pick-all").addEventListener("change", (event) => { body.querySelectorAll("[data-pick]").forEach((box) => { box.checked = event.target.checked; }); chosen(); });
body.addEventListener("change", chosen);
form.addEventListener("change", (event) => { if (event.target.name === "split") each(); });
// A row that was clicked is the one to register; the boxes take several.
body.addEventListener("click", (event) => {
  if (event.target.closest("a, button, input, label")) return;
  const box = event.target.closest("tr")?.querySelector("[data-pick]");
  if (!box) return;
  body.querySelectorAll("[data-pick]").forEach((other) => { other.checked = other === box; });
  chosen();
});
document.body.addEventListener("muniment:registered", (event) => {
  Object.entries(event.detail.used).forEach(([id, record]) => {
    const row = document.getElementById(`u-${id}`);
    if (!row) return;
    row.dataset.state = "registered";
    row.querySelector("[data-pick]")?.remove();
    const made = document.getElementById("registered-template").content.cloneNode(true);
    Object.assign(made.querySelector("a"), { href: record.url, textContent: record.title });
    row.querySelector(".verdict").replaceChildren(made);
  });
  const named = document.getElementById("title");
  if (named && named.value === named.dataset.guess) named.value = "";
  if (event.detail.next) {
    const next = body.querySelector('tr[data-state="taken"] [data-pick], tr[data-state="known"] [data-pick]');
    if (next) next.checked = true;
  }
  chosen();
  named?.focus();
});
// Another class or type brings other fields; what was typed while the server answered is put back over what it echoes.
let kept = null;
const REDRAWN = new Set(["tier", "tier_default"]);
const byName = (root) => {
  const found = new Map();
  root.querySelectorAll("input[name], select[name], textarea[name]").forEach((input) => {
    if (!REDRAWN.has(input.name) && input.type !== "file") found.set(input.name, [...(found.get(input.name) || []), input]);
  });
  return found;
};
document.body.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target?.id !== "register-body" || !event.detail.pathInfo.requestPath.endsWith("/form/")) return;
  kept = new Map([...byName(event.detail.target)].map(([name, inputs]) => [name, inputs.map((input) => [input.value, input.checked])]));
});
document.body.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id !== "register-body") return;
  if (kept) {
    const rows = () => document.querySelectorAll("#party-rows > .party").length;
    while (rows() < (kept.get("party_name") || []).length) document.getElementById("party-rows").append(document.getElementById("party-template").content.cloneNode(true));
    byName(event.detail.target).forEach((inputs, name) => inputs.forEach((input, index) => {
      const [value, checked] = kept.get(name)?.[index] || [];
      if (value === undefined) return;
      if (input.type === "radio" || input.type === "checkbox") input.checked = checked;
      else if (input.tagName !== "SELECT" || [...input.options].some((option) => option.value === value)) input.value = value;
    }));
    kept = null;
  }
  chosen();
});
window.addEventListener("beforeunload", (event) => { if (running) event.preventDefault(); });
chosen();
