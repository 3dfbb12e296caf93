// What a script adds to pages that are complete without one: a chart to point at, updates without a new page,
// a live panel that looks again, the keyboard, and pictures of the chart.
const POLL_MS = 5000;
const root = document.documentElement;
const $ = (selector, within = document) => within.querySelector(selector);
const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
const color = (name) => getComputedStyle(root).getPropertyValue(name).trim();
const panelUrl = (name, query) => new URL(`panel/${name}/${query}`, location.origin + location.pathname);

let chart = null;
let drawing = null;
let marks = [];
let request = null;

function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

// --- The chart -----------------------------------------------------------------------------------------------------

function draw() {
  const source = $("#drawing");
  const box = $(".chartbox");
  chart?.destroy();
  chart = null;
  $(".chart")?.remove();
  box.classList.remove("drawn");
  if (!source || !window.uPlot) return;
  drawing = JSON.parse(source.textContent);
  marks = JSON.parse($("#marks").textContent);
  if (drawing.now.length < 2) return;
  const target = make("div", "chart");
  target.setAttribute("role", "img");
  target.setAttribute("aria-label", $(".plot").getAttribute("aria-label"));
  $(".plot").after(target);
  box.classList.add("drawn");
  chart = new uPlot(options(target), columns(), target);
}

function columns() {
  const { now, before, isPartial } = drawing;
  const end = now.length - 1;
  const whole = isPartial ? [...now.slice(0, end), null] : now;
  const partial = now.map((value, place) => (isPartial && place >= end - 1 ? value : null));
  return [now.map((_, place) => place), whole, partial, before ?? now.map(() => null)];
}

function options(target) {
  const accent = color("--accent");
  const quiet = color("--ink-3");
  const font = '12px "Inter V", Inter, sans-serif';
  const paths = uPlot.paths.spline();
  const line = { stroke: accent, width: 2.25, points: { show: false }, paths };
  return {
    width: target.clientWidth,
    height: target.clientHeight,
    padding: [10, 22, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: drawing.interval !== "hour", y: false, setScale: false }, points: { size: 9, width: 2, stroke: accent, fill: color("--card") } },
    scales: { x: { time: false }, y: { range: [0, drawing.ticks.at(-1)] } },
    axes: [
      { stroke: quiet, font, grid: { show: false }, ticks: { show: false }, gap: 8, size: 34, space: 76, incrs: [1, 2, 3, 5, 7, 10, 14, 15, 30], values: (_, places) => places.map((place) => drawing.short[place] ?? "") },
      { stroke: quiet, font, grid: { stroke: color("--line-2"), width: 1 }, ticks: { show: false }, size: 52, gap: 8, splits: () => drawing.ticks, values: () => drawing.tickTexts },
    ],
    series: [
      {},
      { ...line, fill: (plot) => fade(plot, accent) },
      { ...line, dash: [5, 5] },
      { stroke: quiet, width: 1.4, dash: [3, 4], points: { show: false }, paths },
    ],
    hooks: { init: [addTip], setCursor: [moveTip], setSelect: [zoom], drawClear: [drawMarks] },
  };
}

function fade(plot, accent) {
  const gradient = plot.ctx.createLinearGradient(0, plot.bbox.top, 0, plot.bbox.top + plot.bbox.height);
  gradient.addColorStop(0, `${accent}38`);
  gradient.addColorStop(1, `${accent}00`);
  return gradient;
}

// The owner's notes: a line at the interval of each, its name beside it where there is room.
function drawMarks(plot) {
  const { ctx, bbox } = plot;
  let taken = bbox.left;
  ctx.save();
  ctx.lineWidth = devicePixelRatio;
  ctx.font = `${12 * devicePixelRatio}px "Inter V", Inter, sans-serif`;
  const places = marks.map(({ place }) => Math.round(plot.valToPos(place, "x", true)));
  for (const [number, { text }] of marks.entries()) {
    const x = places[number];
    ctx.strokeStyle = ctx.fillStyle = color("--warn");
    ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.fillRect(x - 2.5 * devicePixelRatio, bbox.top, 5 * devicePixelRatio, 5 * devicePixelRatio);
    taken = nameMark(ctx, text, x, taken, Math.min(places[number + 1] ?? Infinity, bbox.left + bbox.width), bbox);
  }
  ctx.restore();
}

// Between what is taken and the next line, or not at all. Answers up to where it is taken now.
function nameMark(ctx, text, x, taken, end, bbox) {
  const name = text.length > 28 ? `${text.slice(0, 27)}…` : text;
  const [room, gap] = [ctx.measureText(name).width, 8 * devicePixelRatio];
  const left = x > bbox.left + bbox.width / 2 ? x - gap - room : x + gap;
  if (left < taken || left + room > end) return Math.max(taken, x);
  ctx.fillStyle = color("--ink-2");
  ctx.fillText(name, left, bbox.top + 11 * devicePixelRatio);
  return Math.max(x, left + room + gap);
}

function addTip(plot) {
  plot.tip = plot.over.appendChild(make("div", "tip"));
  plot.tip.hidden = true;
}

function moveTip(plot) {
  const { tip } = plot;
  const place = plot.cursor.idx;
  tip.hidden = place == null || plot.cursor.left < 0;
  if (tip.hidden) return;
  const rows = [make("div", "dt", drawing.labels[place]), pair(drawing.label, drawing.nowTexts[place], "b")];
  if (drawing.before && drawing.beforeTexts[place] !== undefined) {
    rows.push(pair(drawing.beforeLabels[place], drawing.beforeTexts[place], "span", "m"));
    const change = drawing.changes[place];
    if (change) rows.push(pair("Change", `${change[0]} ${change[1]}`, "span", `c ${change[2]}`));
  }
  for (const mark of marks.filter((one) => one.place === place)) rows.push(make("div", "note", mark.text));
  if (drawing.isPartial && place === drawing.now.length - 1) rows.push(make("div", "m", "not over yet"));
  tip.replaceChildren(...rows);
  const left = plot.valToPos(place, "x");
  const room = plot.over.clientWidth;
  tip.style.left = `${left + 14 + tip.offsetWidth > room ? Math.max(0, left - tip.offsetWidth - 14) : left + 14}px`;
  tip.style.top = "8px";
}

function pair(name, value, tag, className) {
  const row = make("div", className);
  row.append(make("span", "", name), make(tag, "num", value));
  return row;
}

function zoom(plot) {
  if (plot.select.width < 12) return;
  const [from, to] = [plot.select.left, plot.select.left + plot.select.width].map((x) => Math.round(plot.posToVal(x, "x")));
  const query = new URLSearchParams(location.search);
  for (const name of ["period", "visit", "more"]) query.delete(name);
  query.set("from", drawing.days[Math.max(0, from)]);
  query.set("to", lastDay(Math.min(to, drawing.days.length - 1)));
  go(`?${query}`);
}

function lastDay(place) {
  const next = drawing.days[place + 1];
  const day = next ? new Date(Date.parse(next) - 864e5) : new Date(Date.parse(drawing.days[place]));
  return day.toISOString().slice(0, 10);
}

// --- Updates without a new page ------------------------------------------------------------------------------------

async function go(address, { only = "", push = true } = {}) {
  const url = new URL(address, location.href);
  request?.abort();
  request = new AbortController();
  const { signal } = request;
  const bar = $("#progress");
  const slow = setTimeout(() => (bar.hidden = false), 120);
  $("#main").setAttribute("aria-busy", "true");
  try {
    const before = location.search;
    const arrive = () => push && url.href !== location.href && history.pushState(null, "", url);
    if (only) {
      await Promise.all(only.split(" ").map((name) => swapPanel(name, url.search, signal)));
      arrive();
      refreshLinks(before, url.search, only.split(" "));
    } else await swapPage(url, signal, arrive);
    tell(only);
  } catch (error) {
    if (error.name !== "AbortError") location.assign(url);
  } finally {
    clearTimeout(slow);
    if (request.signal === signal) {
      bar.hidden = true;
      $("#main").removeAttribute("aria-busy");
    }
  }
}

async function answered(url, signal) {
  const response = await fetch(url, { signal, credentials: "same-origin", headers: { "X-Requested-With": "fetch" } });
  if (!response.ok || response.redirected) throw new Error(`${response.status}`);
  return response;
}

async function swapPanel(name, query, signal) {
  const response = await answered(panelUrl(name, query), signal);
  fill($(`[data-panel=${name}]`), await response.text());
}

// The page comes panel by panel, figures first: each is shown as soon as it is whole.
async function swapPage(url, signal, arrive) {
  const response = await answered(url, signal);
  arrive();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  const shown = new Set();
  let html = "";
  let length = 0;
  for (let isOver = false; !isOver; ) {
    const { done, value } = await reader.read();
    isOver = done;
    html += value ?? "";
    const whole = done ? html.length : html.lastIndexOf("</section>");
    if (whole > length) swapIn(new DOMParser().parseFromString(html.slice(0, whole), "text/html"), shown);
    length = Math.max(whole, length);
  }
}

function swapIn(page, shown) {
  for (const kind of ["panel", "swap"]) {
    for (const fresh of $$(`[data-${kind}]`, page)) {
      const name = `${kind} ${fresh.dataset[kind]}`;
      if (shown.has(name) || (kind === "panel" && !fresh.innerHTML)) continue;
      shown.add(name);
      const old = $(`[data-${kind}="${fresh.dataset[kind]}"]`);
      if (old.href !== undefined) old.setAttribute("href", fresh.getAttribute("href"));
      else if (old.innerHTML !== fresh.innerHTML) fill(old, fresh.innerHTML);
    }
  }
  document.title = page.title;
  count();
}

function fill(element, html) {
  const place = element.contains(document.activeElement) ? $$("a,button", element).indexOf(document.activeElement) : -1;
  const open = $$("details", element).map((details) => details.open);
  element.innerHTML = html;
  $$("details", element).forEach((details, at) => (details.open = open[at] ?? details.open));
  if (place >= 0) $$("a,button", element)[place]?.focus({ preventScroll: true });
  if (element.dataset.panel === "traffic") draw();
  if (element.dataset.panel === "live") tick();
}

// Links of panels that stayed were made for the address before: what changed changes in them, unless they change it.
function refreshLinks(before, after, fresh) {
  const [old, now] = [new URLSearchParams(before), new URLSearchParams(after)];
  const all = (query, name) => query.getAll(name).join("\n");
  const changed = [...new Set([...old.keys(), ...now.keys()])].filter((name) => all(old, name) !== all(now, name));
  for (const link of $$("a[href^='?'],a[download]")) {
    if (fresh.includes(link.closest("[data-panel]")?.dataset.panel)) continue;
    const [address, place] = link.getAttribute("href").split("#");
    const [path, query] = address.split("?");
    const asked = new URLSearchParams(query);
    for (const name of changed.filter((one) => all(asked, one) === all(old, one))) {
      asked.delete(name);
      for (const value of now.getAll(name)) asked.append(name, value);
    }
    link.setAttribute("href", `${path}?${asked}${place ? `#${place}` : ""}`);
  }
}

function tell(only) {
  $("#told").textContent = only ? "Updated." : $("[data-swap=heading]").textContent;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
  const href = link.getAttribute("href") ?? "";
  if (!href.startsWith("?")) return;
  event.preventDefault();
  $("#filter").open = false;
  go(href, { only: link.dataset.only });
  if (href.includes("#session") && innerWidth < 1081) $("#session").scrollIntoView({ behavior: "smooth" });
});

// Buttons that change something: sent without a new page, and what they change is asked for again.
async function post(form, button) {
  const bar = $("#progress");
  bar.hidden = false;
  try {
    const response = await fetch(button.formAction, { method: "POST", body: new FormData(form, button), credentials: "same-origin" });
    if (!response.ok) throw new Error(`${response.status}`);
    const isNote = form.id === "note" || button.matches(".undo");
    const open = $("#notes")?.open;
    await go(new URL(button.formAction).search || "?", { only: isNote ? "traffic" : "traffic visits session" });
    if (isNote) $("#notes").open = open;
  } catch {
    $("#told").textContent = "This was not kept. Reload the page and try again.";
    bar.hidden = true;
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches("#post,#note")) {
    event.preventDefault();
    post(form, event.submitter);
    return;
  }
  if (form.method !== "get" || !form.closest("#filter")) return;
  event.preventDefault();
  const given = new FormData(form);
  const query = new URLSearchParams(location.search);
  for (const name of ["visit", "more"]) query.delete(name);
  if (given.has("add")) addFilter(query, given);
  else {
    query.delete("period");
    for (const name of ["from", "to"]) query.set(name, given.get(name));
  }
  $("#filter").open = false;
  go(`?${query}`);
});

// A second value of the same filter widens it: either will do.
function addFilter(query, given) {
  const name = [given.get("add"), given.get("how")].filter(Boolean).join(".");
  const value = given.get("value").trim();
  if (value && !query.getAll(name).includes(value)) query.append(name, value);
}

// What the rows on this page would filter to is offered as a value.
function offerValues(event) {
  if (!event.target.matches("#filter select[name=add],#filter input[name=value]")) return;
  const name = $("#filter select[name=add]").value;
  const asked = new URLSearchParams(location.search).getAll(name); // stands in every link
  const found = new Map();
  for (const link of $$("main tbody a[href^='?']")) {
    const value = new URLSearchParams(link.getAttribute("href").slice(1)).get(name);
    if (value && !asked.includes(value) && !found.has(value)) found.set(value, link.textContent);
  }
  const options = [...found].map(([value, label]) => Object.assign(make("option"), { value, label }));
  $("#values").replaceChildren(...options);
}

document.addEventListener("focusin", offerValues);
document.addEventListener("change", offerValues);
addEventListener("popstate", () => go(location.href, { push: false }));

// --- The live panel ------------------------------------------------------------------------------------------------

let etag = "";

async function look() {
  if (document.hidden) return;
  try {
    const headers = etag ? { "If-None-Match": etag } : {};
    const response = await fetch(panelUrl("live", location.search), { headers, cache: "no-store" });
    if (response.status === 200 && !response.redirected) {
      etag = response.headers.get("ETag") ?? "";
      fill($("[data-panel=live]"), await response.text());
      count();
    } else if (response.status !== 304) lose(response.redirected ? "Signed out" : "Not available");
  } catch {
    lose("Offline");
  }
}

// Figures that are looked at no more must not pass for live ones; the next answer puts the panel right.
function lose(reason) {
  etag = "";
  $("#state").classList.add("lost");
  $("#state").lastElementChild.textContent = reason;
}

function tick() {
  for (const time of $$(".lv time")) {
    const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(time.dateTime)) / 1000));
    time.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }
}

function count() {
  $("#online").textContent = $("#current").textContent;
}

// --- Theme, keyboard, pictures -------------------------------------------------------------------------------------

function isDark() {
  return root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function toggleTheme() {
  root.dataset.theme = isDark() ? "light" : "dark";
  const secure = location.protocol === "https:" ? ";secure" : "";
  document.cookie = `visitors_theme=${root.dataset.theme};path=${location.pathname};max-age=31536000;samesite=lax${secure}`;
  draw();
}

const PRESETS = { d: "today", e: "yesterday", w: "7d", f: "28d", t: "30d", m: "month", y: "year" };
const KEYS = {
  arrowleft: () => $("#earlier")?.click(),
  arrowright: () => $("#later")?.click(),
  x: () => $("#compare").click(),
  r: showLive,
  "?": () => $("#help").showModal(),
  "/": openFilter,
  escape: () => ($("#filter").open ? closeFilter() : $(".chip .x") && $("#unfilter").click()),
};

function showLive() {
  $("#live").scrollIntoView({ block: "center" });
  $("#live").focus({ preventScroll: true });
}

function openFilter() {
  $("#filter").open = true;
  $("#filter input[name=value]").focus();
}

function closeFilter() {
  $("#filter").open = false;
  $("#filter summary").focus();
}

function press(event) {
  const key = event.key.toLowerCase();
  const isTyping = event.target.closest("input,select,textarea");
  if (event.ctrlKey || event.metaKey || event.altKey || $("#help").open || (isTyping && key !== "escape")) return;
  const isOff = localStorage.getItem("visitors-keys") === "off";
  const act = PRESETS[key] ? () => $(`[data-preset="${PRESETS[key]}"]`).click() : KEYS[key];
  if (!act || (isOff && key !== "escape") || (key.startsWith("arrow") && event.target.closest(".scroll,.tl"))) return;
  event.preventDefault();
  act();
}

async function save(kind) {
  const label = kind === "map" ? "Countries" : (drawing?.label ?? "visitors");
  const name = `${label} ${drawing?.days[0]} ${drawing?.days.at(-1)}`.toLowerCase().replaceAll(" ", "-");
  if (kind === "png") return sheet()?.toBlob((blob) => offer(blob, `${name}.png`));
  const drawn = kind === "map" ? await mapAlone() : standalone();
  return offer(new Blob([drawn], { type: "image/svg+xml" }), `${name}.svg`);
}

// What the picture shows, for whoever sees it outside of this page.
function caption(label = drawing?.label) {
  const filters = $$(".chip:has(.x)").map((chip) => chip.innerText.trim().replace(/\s+/g, " "));
  return [label, $(".said").textContent, ...filters].join(" · ");
}

function sheet() {
  const canvas = chart?.ctx.canvas;
  if (!canvas) return null;
  const head = 34 * devicePixelRatio;
  const paper = Object.assign(make("canvas"), { width: canvas.width, height: canvas.height + head });
  const pen = paper.getContext("2d");
  pen.fillStyle = color("--card");
  pen.fillRect(0, 0, paper.width, paper.height);
  pen.drawImage(canvas, 0, head);
  pen.fillStyle = color("--ink");
  pen.font = `600 ${13 * devicePixelRatio}px "Inter V", Inter, sans-serif`;
  pen.fillText(caption(), 12 * devicePixelRatio, 22 * devicePixelRatio, paper.width - 24 * devicePixelRatio);
  return paper;
}

const PAINT = { grid: ["none", "--line-2", 1], area: ["--accent", "none", 0], before: ["none", "--ink-3", 1.4], now: ["none", "--accent", 2.25], note: ["none", "--warn", 1] };
const PLACES = { ".ys": [0, 44, 60, 300], ".lines": [70, 44, 910, 300], ".names": [70, 44, 910, 300], ".xs": [70, 346, 910, 24] };

// The server's drawing with its colours written into it, so that it looks the same outside of this page.
function standalone() {
  const parts = Object.entries(PLACES).flatMap(([selector, place]) => {
    const part = $(`.plot ${selector}`)?.cloneNode(true);
    return part ? [painted(part, place)] : [];
  });
  return picture(1000, 380, caption(), parts.join(""));
}

// The shapes of the countries come from a file that the page only refers to.
async function mapAlone() {
  const answer = await fetch($(".map use").getAttribute("href"));
  const world = new DOMParser().parseFromString(await answer.text(), "image/svg+xml");
  const shapes = $$(".map use").map((use) => {
    const shape = world.getElementById(use.getAttribute("href").split("#")[1]).cloneNode(true);
    const { fill, fillOpacity, stroke } = getComputedStyle(use);
    for (const [name, value] of Object.entries({ fill, "fill-opacity": fillOpacity, stroke, "stroke-width": 0.7 })) shape.setAttribute(name, value);
    const told = $("title", use.parentNode);
    if (use.parentNode.matches("a") && told) shape.append(told.cloneNode(true));
    return new XMLSerializer().serializeToString(shape);
  });
  return picture(900, 470, caption("Visitors by country"), `<g transform="translate(0 36)">${shapes.join("")}</g>`);
}

function picture(wide, high, title, inner) {
  const ground = `<rect width="${wide}" height="${high}" fill="${color("--card")}"/>`;
  const words = make("text", "", title).innerHTML;
  const head = `<text x="14" y="24" font-size="13" font-weight="600" fill="${color("--ink")}">${words}</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${wide} ${high}" font-family="Inter,sans-serif" font-size="12">${ground}${head}${inner}</svg>`;
}

function painted(part, [x, y, width, height]) {
  for (const shape of $$("line,polyline,polygon", part)) {
    const [fill, stroke, thick] = PAINT[shape.classList[0]];
    shape.setAttribute("fill", fill === "none" ? fill : color(fill));
    shape.setAttribute("stroke", stroke === "none" ? stroke : color(stroke));
    shape.setAttribute("stroke-width", thick);
    shape.setAttribute("vector-effect", "non-scaling-stroke");
    if (shape.matches(".area")) shape.setAttribute("opacity", ".1");
    if (shape.matches(".before,.partial")) shape.setAttribute("stroke-dasharray", "4 4");
  }
  for (const text of $$("text", part)) text.setAttribute("fill", color("--ink-3"));
  for (const [name, value] of Object.entries({ x, y, width, height, overflow: "visible" })) part.setAttribute(name, value);
  return new XMLSerializer().serializeToString(part);
}

function offer(blob, name) {
  const link = make("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

document.addEventListener("click", (event) => {
  const kind = event.target.closest("[data-save]")?.dataset.save;
  if (kind) save(kind);
  if (!event.target.closest("#filter")) $("#filter").open = false;
});
$("#theme").addEventListener("click", toggleTheme);
$("#help-button").addEventListener("click", () => $("#help").showModal());
$("#keys").checked = localStorage.getItem("visitors-keys") !== "off";
$("#keys").addEventListener("change", (event) => localStorage.setItem("visitors-keys", event.target.checked ? "on" : "off"));
document.addEventListener("keydown", press);
document.addEventListener("visibilitychange", () => !document.hidden && look());
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
let width = innerWidth;
addEventListener("resize", () => {
  if (innerWidth === width) return;
  width = innerWidth;
  draw();
});
setInterval(look, POLL_MS);
setInterval(() => document.hidden || tick(), 1000);
root.classList.add("has-js");
count();
tick();
document.fonts.ready.then(draw);
