// Incidents: a table, and the stages of whichever is chosen, to scale.

const incidents = data.incidents;
const incidentCount = incidents.store.length;

const STAGES = [
  ["fault open", "fault_s", "repaired_s", 1],
  ["detection", "fault_s", "detected_s", 4],
  ["bring-up", "detected_s", "backup_ready_s", 5],
  ["switch", "backup_ready_s", "failover_s", 3],
  ["traffic on the backup", "failover_s", "failback_s", 0],
  ["noticing the repair", "repaired_s", "recovery_detected_s", 4],
  ["going back", "recovery_detected_s", "failback_s", 3],
  ["resync", "repaired_s", "resync_done_s", 2],
];

function incidentWord(name, i) {
  return incidents[name].words[incidents[name].rows[i]];
}

function storeName(i) {
  const column = data.stores[0];
  return i === null ? "–" : column.words[column.rows[i]];
}

/** A round time without needless decimals. */
function clockLike(seconds) {
  return duration(seconds).replace(/\.0+(?= )/, "");
}

/** The bars of one incident that reach into from..to (seconds from the start), on an axis that counts from `origin`. */
function gantt(i, from, to, origin, title) {
  const bars = STAGES.map(([name, start, end, fill]) => [name, incidents[start][i], incidents[end][i], fill])
    .filter(([name, start, end]) => start !== null && (end !== null || name === "fault open" || name === "traffic on the backup"))
    .map(([name, start, end, fill]) => [name, Math.min(start, end ?? Infinity), end, fill]);
  const [width, left, right, row] = [960, 160, 90, 26];
  const height = bars.length * row + 34;
  const x = (second) => left + ((Math.min(Math.max(second, from), to) - from) / (to - from)) * (width - left - right);
  const box = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": title });
  for (const mark of timeTicks(to - origin)) {
    const at = x(origin + mark);
    box.append(
      svg("line", { class: "grid", x1: at, x2: at, y1: 4, y2: height - 26 }),
      svg("text", { class: "soft", x: at, y: height - 10, "text-anchor": "middle" }, clockLike(mark)),
    );
  }
  bars.forEach(([name, start, end, fill], at) => {
    const y = at * row + 6;
    box.append(svg("text", { x: left - 8, y: y + 14, "text-anchor": "end" }, name));
    const stop = end ?? to;
    if (stop < from || start > to) return;
    const length = Math.max(x(stop) - x(start), 1.5);
    box.append(
      svg("rect", { x: x(start), y, width: length, height: row - 8, fill: colour(fill), rx: 2 }),
      svg("text", { x: x(start) + length + 5, y: y + 14 }, end === null ? "not ended" : duration(end - start)),
    );
  });
  return el("figure", {}, el("h3", {}, title), box);
}

function incidentDetails(i) {
  const value = (name) => incidents[name][i];
  const known = STAGES.flatMap(([, start, end]) => [value(start), value(end)]).filter((second) => second !== null);
  const first = value("fault_s");
  const last = Math.max(...known, first + 1);
  const figures = [gantt(i, first, first + (last - first) * 1.02, first, "The whole incident, time since the fault")];
  const moved = value("failover_s");
  if (moved !== null && moved > first && (moved - first) * 8 < last - first) {
    figures.unshift(gantt(i, first, first + (moved - first) * 1.15, first, "The way to the backup, time since the fault"));
  }
  const [repaired, back] = [value("repaired_s"), value("failback_s")];
  if (repaired !== null && back !== null && back > repaired && (back - repaired) * 8 < last - first) {
    const margin = (back - repaired) * 0.1;
    figures.push(gantt(i, repaired - margin, back + margin, repaired, "The way back, time since the repair"));
  }
  const facts = [
    ["store", storeName(incidents.store[i])],
    ["replication", count(value("replication"))],
    ["began, local time", incidentWord("fault_local", i)],
    ["cause", `${incidentWord("cause", i)} (${incidentWord("scope", i)}, ${incidentWord("signature", i)})`],
    ["broken", incidentWord("uplink", i)],
    ["outcome", incidentWord("kind", i) + (value("censored") ? ", the run ended first" : "")],
    ["profile", `${incidentWord("profile", i)}, standby ${incidentWord("standby", i)}, backup ${incidentWord("topology", i)}`],
    ["carrier", incidentWord("carrier", i)],
    ["ended by", incidentWord("remedy", i) || "–"],
    ["failover latency", duration(value("failover_latency_s"))],
    ["failback latency", duration(value("failback_latency_s"))],
    ["no answers for", duration(value("service_gap_s"))],
    ["payments lost", count(value("payments_lost"))],
    ["lost sales", money(value("lost_sales_usd"))],
  ];
  return [
    el("h3", {}, `Incident ${value("incident_id")} of store `, el("bdi", {}, storeName(incidents.store[i]))),
    el(
      "table",
      { class: "plain" },
      el(
        "tbody",
        {},
        facts.map(([name, text]) => el("tr", {}, el("th", { scope: "row" }, name), el("td", { dir: "auto" }, text))),
      ),
    ),
    ...figures,
  ];
}

function incidentSection() {
  if (!incidentCount) return null;
  const replications = new Set(incidents.replication).size;
  const place = section(
    "incidents",
    "Incidents",
    "One row for each fault and store, and for each false alarm. Choose one to see its stages." +
      (incidents.cut
        ? ` Of ${count(about.replications)} replications, the first ${count(replications)} are in this file; incidents.csv has all.`
        : ""),
  );
  const details = el("div", { id: "incident", "aria-live": "polite" });
  const words = (name, screen) => ({ name, screen, words: incidents[name].words, rows: incidents[name].rows });
  const numbers = (name, unit) => ({ name, unit, rows: incidents[name] });
  const table = bigTable({
    rows: incidentCount,
    noun: "incidents",
    sort: ["lost_sales_usd", true],
    columns: [
      { name: "store_id", text: true, value: (i) => storeName(incidents.store[i]) },
      numbers("replication", ""),
      { ...words("fault_local"), show: (local) => local.slice(0, 19).replace("T", " ") },
      words("cause"),
      words("kind"),
      words("uplink", true),
      words("profile", true),
      numbers("failover_latency_s", "s"),
      numbers("service_gap_s", "s"),
      numbers("payments_lost", ""),
      numbers("lost_sales_usd", "currency"),
      words("remedy", true),
      words("scope", true),
      words("format", true),
    ],
    onSelect: (i) => details.replaceChildren(...incidentDetails(i)),
  });
  place.append(table.node, details);
  let worst = 0;
  incidents.lost_sales_usd.forEach((lost, i) => {
    if ((lost ?? 0) > (incidents.lost_sales_usd[worst] ?? 0)) worst = i;
  });
  details.replaceChildren(...incidentDetails(worst));
  return table;
}

/** Share of faults that traffic was moved for within so long, by profile, with its band over replications. */
function ecdf() {
  if (!data.curves) return null;
  const all = data.curves.slice().sort((a, b) => b.faults - a.faults);
  const list = all.slice(0, 7);
  const [width, height, left, right, top, bottom] = [460, 260, 44, 14, 8, 34];
  const shown = (seconds) => Math.max(seconds, 0.05);
  const rises = list.flatMap(({ latency_s, failed_over_share }) =>
    latency_s.filter((_, k) => failed_over_share[k] > (failed_over_share[k - 1] ?? 0)).map(shown),
  );
  const least = Math.log10(rises.reduce((a, b) => Math.min(a, b)) / 1.05),
    most = Math.log10(rises.reduce((a, b) => Math.max(a, b)) * 1.05);
  const x = (value) => left + Math.min((Math.log10(value) - least) / Math.max(most - least, 0.1), 1) * (width - left - right);
  const y = (share) => height - bottom - share * (height - top - bottom);
  const box = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": "Share of faults by how long failover took" });
  for (const share of [0, 0.25, 0.5, 0.75, 1]) {
    box.append(
      svg("line", { class: "grid", x1: left, x2: width - right, y1: y(share), y2: y(share) }),
      svg("text", { class: "soft", x: left - 5, y: y(share) + 4, "text-anchor": "end" }, `${share * 100} %`),
    );
  }
  let spaced = -100;
  for (const mark of [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600, 14400]) {
    if (Math.log10(mark) < least || Math.log10(mark) > most || x(mark) - spaced < 44) continue;
    spaced = x(mark);
    box.append(
      svg("line", { class: "grid", x1: spaced, x2: spaced, y1: top, y2: height - bottom }),
      svg("text", { class: "soft", x: spaced, y: height - bottom + 15, "text-anchor": "middle" }, clockLike(mark)),
    );
  }
  /** The corners of a step function, to the right edge, or to the longest that was seen if a fault was still open then. */
  const corners = ({ latency_s, open_share }, shares) => {
    const list = [[left, y(0)]];
    latency_s.forEach((seconds, k) => {
      const at = x(shown(seconds));
      list.push([at, list[list.length - 1][1]], [at, y(shares[k])]);
    });
    if (open_share[open_share.length - 1] === 0) list.push([width - right, list[list.length - 1][1]]);
    return list;
  };
  const path = (list) => "M" + list.map(([at, by]) => `${at.toFixed(1)},${by.toFixed(1)}`).join("L");
  const banded = list.map((curve) => !curve.failed_over_low.includes(null) && !curve.failed_over_high.includes(null));
  list.forEach((curve, at) => {
    if (!banded[at]) return;
    const outline = corners(curve, curve.failed_over_high).concat(corners(curve, curve.failed_over_low).reverse());
    box.append(svg("path", { class: "band", d: path(outline) + "Z", fill: colour(at), opacity: 0.2 }));
  });
  list.forEach((curve, at) => {
    box.append(
      svg("path", {
        class: "curve",
        d: path(corners(curve, curve.failed_over_share)),
        fill: "none",
        stroke: colour(at),
        "stroke-width": 2,
        "stroke-dasharray": ["", "7 3", "2 3"][at % 3],
      }),
    );
  });
  const notes = [
    banded.includes(true) ? "Pale: 95 % intervals over replications, each point by itself." : "",
    all.length > list.length ? `${all.length - list.length} more profiles are in failover_curves.csv.` : "",
  ].filter(Boolean);
  return el(
    "figure",
    {},
    el("h3", {}, "How soon faults are failed over, by profile", el("span", { class: "unit" }, " share of faults, fault to traffic on LTE")),
    legend(list.map(({ name, faults }, at) => [`${name} (${count(faults)})`, colour(at)])),
    box,
    notes.length ? el("figcaption", {}, notes.join(" ")) : null,
  );
}
