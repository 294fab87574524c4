"use strict";
// What everything else here stands on: the data, elements, words for numbers. Text goes into text nodes only, so nothing of a
// scenario can become markup.

const data = JSON.parse(document.getElementById("data").textContent);
const about = data.about;
const SVG = "http://www.w3.org/2000/svg";

/** An element with attributes (or listeners, for functions) and children (nodes, or text). */
function el(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** The same in SVG. */
function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name, value);
    else if (value !== null && value !== undefined) node.setAttribute(name, value);
  }
  for (const child of children.flat()) if (child !== null && child !== undefined) node.append(child);
  return node;
}

/** A section with its entry in the contents. */
function section(id, title, ...notes) {
  const place = el("section", { id, "aria-labelledby": id + "-title" }, el("h2", { id: id + "-title" }, title));
  for (const note of notes) place.append(el("p", { class: "note" }, note));
  document.getElementById("main").append(place);
  document.getElementById("contents").append(el("a", { href: "#" + id }, title));
  return place;
}

const SIGNS = { USD: "$", EUR: "€", GBP: "£" };

function grouped(value, decimals = 0) {
  const text = Math.abs(value).toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  return (value < 0 && /[1-9]/.test(text) ? "−" : "") + text;
}

function money(value, decimals = 0) {
  if (value === null || value === undefined) return "–";
  const sign = SIGNS[about.currency];
  const text = grouped(Math.abs(value), decimals);
  return (value < 0 && /[1-9]/.test(text) ? "−" : "") + (sign ? sign + text : text + " " + about.currency);
}

function count(value) {
  if (value === null || value === undefined) return "–";
  return grouped(value, Number.isInteger(value) || Math.abs(value) >= 100 ? 0 : Math.abs(value) < 1 ? 2 : 1);
}

/** 342 ms, 45.0 s, 10.0 min, 4.5 h. */
function duration(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  const size = Math.abs(seconds);
  if (size === 0) return "0 s";
  if (size < 1) return grouped(seconds * 1000) + " ms";
  if (size < 10) return grouped(seconds, 2) + " s";
  if (size < 120) return grouped(seconds, 1) + " s";
  if (size < 7200) return grouped(seconds / 60, 1) + " min";
  return grouped(seconds / 3600, 1) + " h";
}

/** A value in the unit of a metric or column. */
function shown(value, unit) {
  if (value === null || value === undefined) return "–";
  if (unit === "s") return duration(value);
  if (unit === "ms") return duration(value / 1000);
  if (unit === "currency" || unit === about.currency) return money(value);
  if (unit === "share") return grouped(value * 100, value !== 0 && Math.abs(value) < 1e-4 ? 4 : 2) + " %";
  const text = count(value);
  if (!unit || unit === "switches" || unit === "incidents" || unit === "tickets") return text;
  return `${text} ${text === "1" ? unit.replace(/s$/, "") : unit}`;
}

/** A value under a heading that says what is counted. */
function cellOf(value, unit) {
  return ["s", "ms", "currency", "share", "MB"].includes(unit) ? shown(value, unit) : count(value);
}

/** The same without the unit behind it. */
function bare(value, unit) {
  const text = shown(value, unit);
  return ["stores", "customers", "payments", "incidents", "tickets", "days", "share"].includes(unit) || / (hours|GB)$/.test(text)
    ? text.replace(/ [^ ]+$/, "")
    : text;
}

/** Value and interval of a metric, as in the terminal's summary; `named` says what the interval is. */
function withInterval(metric, named = true) {
  if (!metric || metric.estimate === null) return "–";
  const text = shown(metric.estimate, metric.unit);
  if (metric.low === null || metric.high === null) return text;
  const [low, high] = [bare(metric.low, metric.unit), bare(metric.high, metric.unit)];
  if (low === high) return text;
  const name = named ? `${grouped(metric.level * 100)} % CI ` : "";
  return `${text} (${name}${low}${metric.low < 0 ? " to " : "–"}${high})`;
}

const LABELS = {
  store_id: "store",
  wan_provider: "wired provider",
  lte_carrier: "LTE carrier",
  lost_sales_network_usd: "lost to the network",
  service_gap_open_s: "no answers, when open",
  service_gap_s: "no answers",
  dark_s: "dark",
  lte_s: "on LTE",
  lte_mb: "LTE data",
  payment_p99_ms: "payment p99",
  sales_usd: "sales",
  lost_sales_usd: "lost sales",
  payments_lost: "payments lost",
  failover_latency_s: "failover",
  failback_latency_s: "failback",
  detection_latency_s: "detection",
  bringup_latency_s: "bring-up",
  fault_local: "began (local)",
  backup_in_5s_share: "answered in 5 s",
};

/** A column's or metric's name for people. */
function label(name) {
  return LABELS[name] || name.replace(/_/g, " ");
}

/** One colour of the palette that colour-blind people tell apart (Okabe and Ito). */
function colour(index) {
  return `var(--c${index % 7})`;
}

const tip = document.getElementById("tip");

function showTip(text, x, y) {
  tip.textContent = text;
  tip.hidden = false;
  const box = tip.getBoundingClientRect();
  tip.style.left = Math.max(4, Math.min(x + 14, innerWidth - box.width - 8)) + "px";
  tip.style.top = (y + 18 + box.height > innerHeight ? y - box.height - 10 : y + 18) + "px";
}

function hideTip() {
  tip.hidden = true;
}

function legend(entries) {
  return el(
    "div",
    { class: "legend" },
    entries.map(([text, fill]) => {
      const swatch = el("i");
      swatch.style.background = fill;
      return el("span", {}, swatch, text);
    }),
  );
}

/** Round values that divide 0..most into about five. */
function ticks(most, wanted = 5) {
  if (!(most > 0)) return [0, 1];
  const raw = most / wanted;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].find((factor) => factor * power >= raw) * power;
  const list = [];
  for (let value = 0; value < most + step * 0.999; value += step) list.push(value);
  return list;
}

/** Times that divide 0..most into about eight, as a clock would. */
function timeTicks(most) {
  const minute = 60,
    hour = 3600;
  const steps = [1, 2, 5, 10, 15, 30, minute, 2 * minute, 5 * minute, 10 * minute, 15 * minute, 30 * minute];
  steps.push(hour, 2 * hour, 3 * hour, 6 * hour, 12 * hour, 24 * hour, 48 * hour, 168 * hour);
  if (most < 6) return ticks(most, 6).filter((mark) => mark <= most);
  const step = steps.find((seconds) => most / seconds <= 8) ?? 720 * hour;
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, at) => at * step);
}

function short(value) {
  const size = Math.abs(value);
  if (size >= 1e6) return grouped(value / 1e6, value % 1e6 ? 1 : 0) + " M";
  if (size >= 1e4) return grouped(value / 1e3, value % 1e3 ? 1 : 0) + " k";
  return grouped(value, Number.isInteger(value) ? 0 : size < 1 ? 2 : 1);
}

/** A plain table: heading cells, rows of cells; numbers are cells that are objects { number: text }. */
function plainTable(headings, rows, caption) {
  const cell = (tag) => (content) =>
    content !== null && typeof content === "object" && "number" in content
      ? el(tag, { class: "number" }, content.number)
      : el(tag, {}, content);
  return el(
    "table",
    { class: "plain" },
    caption ? el("caption", { class: "note" }, caption) : null,
    el(
      "thead",
      {},
      el(
        "tr",
        {},
        headings.map((heading) => {
          const th = cell("th")(heading);
          th.setAttribute("scope", "col");
          return th;
        }),
      ),
    ),
    el(
      "tbody",
      {},
      rows.map((row) => el("tr", {}, row.map(cell("td")))),
    ),
  );
}
