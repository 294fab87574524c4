// Where the money went; how long the stages took; services, operations centre, cells; the answer of a drill.

const HELPED = {
  lte: ["a backup path", 0],
  oobm: ["remote hands", 2],
  offline_authorization: ["offline authorization", 4],
  nothing: ["none of these", 6],
};

function lossSection() {
  const rows = data.losses.filter((row) => Math.abs(row[4]) > 0.004);
  if (!rows.length) return;
  const n = about.replications;
  const place = section(
    "losses",
    "Where the money went",
    "Sales that the fault-free twin makes and this fleet does not, by cause, by what stood between customers and their payments, and by the one " +
      "thing that would have helped most directly. Means over replications.",
  );
  const shownRows = rows.slice(0, 14);
  const rest = rows.slice(14).reduce((sum, row) => sum + row[4], 0);
  const most = Math.max(...shownRows.map((row) => row[4] / n), 1e-9);
  const [width, left, right, line] = [960, 400, 110, 24];
  const box = svg("svg", {
    viewBox: `0 0 ${width} ${shownRows.length * line + 6}`,
    role: "img",
    "aria-label": "Lost sales by cause and stage",
  });
  shownRows.forEach(([cause, , stage, helped, lost], at) => {
    const length = Math.max((lost / n / most) * (width - left - right), 0);
    box.append(
      svg(
        "text",
        { x: left - 8, y: at * line + 17, "text-anchor": "end" },
        `${label(cause || "no incident")} · ${label(stage)}`.slice(0, 62),
      ),
      svg("rect", { x: left, y: at * line + 4, width: length, height: line - 7, rx: 2, fill: colour(HELPED[helped]?.[1] ?? 6) }),
      svg("text", { x: left + length + 6, y: at * line + 17 }, money(lost / n)),
    );
  });
  place.append(
    el(
      "figure",
      {},
      legend(Object.values(HELPED).map(([name, fill]) => [`would have helped: ${name}`, colour(fill)])),
      box,
      rest ? el("figcaption", {}, `${count(rows.length - 14)} more come to ${money(rest / n)} together.`) : null,
    ),
  );
  place.append(
    el(
      "details",
      {},
      el("summary", {}, "The same as a table"),
      plainTable(
        [
          "cause",
          "scope",
          "stage",
          "would have helped",
          { number: "lost sales" },
          { number: "lost margin" },
          { number: "payments lost" },
          { number: "no answers" },
        ],
        rows
          .slice(0, 100)
          .map(([cause, scope, stage, helped, lost, margin, payments, gap]) => [
            cause || "–",
            scope || "–",
            label(stage),
            HELPED[helped]?.[0] ?? helped,
            { number: money(lost / n) },
            { number: money(margin / n) },
            { number: count(payments / n) },
            { number: duration(gap / n) },
          ]),
      ),
    ),
  );
}

/** Bars that float from where the stage before ended: median and 95th percentile. */
function waterfall() {
  const find = (name) => data.groups?.failover?.find((metric) => metric.name === name && metric.day === null);
  const stages = [
    ["detection", "detection"],
    ["bring-up", "bringup"],
    ["switch", "switch"],
    ["failover", "failover"],
    ["failback", "failback"],
  ]
    .map(([name, key]) => [name, find(`${key}_latency_p50`), find(`${key}_latency_p95`)])
    .filter(([, median]) => median && median.estimate !== null);
  if (!stages.length) return null;
  const most = Math.max(...stages.map(([, , p95]) => p95?.high ?? p95?.estimate ?? 0), 0.1);
  const [width, left, right, row] = [460, 76, 70, 44];
  const box = svg("svg", {
    viewBox: `0 0 ${width} ${stages.length * row + 24}`,
    role: "img",
    "aria-label": "Failover by stage, median and 95th percentile",
  });
  const x = (value) => left + (value / most) * (width - left - right);
  let [at50, at95] = [0, 0];
  stages.forEach(([name, median, p95], at) => {
    const part = ["detection", "bring-up", "switch"].includes(name);
    const [from50, from95] = part ? [at50, at95] : [0, 0];
    const y = at * row + 4;
    const bar = (metric, from, offset, fill, opacity) => {
      if (!metric || metric.estimate === null) return;
      const end = Math.min(from + metric.estimate, most);
      box.append(
        svg("rect", {
          x: x(Math.min(from, most)),
          y: y + offset,
          width: Math.max(x(end) - x(Math.min(from, most)), 1.5),
          height: 15,
          fill,
          opacity,
          rx: 2,
        }),
      );
      if (metric.low !== null && metric.low !== metric.high) {
        box.append(
          svg("path", {
            d: `M${x(Math.min(from + metric.low, most))},${y + offset + 7.5}H${x(Math.min(from + metric.high, most))}`,
            stroke: "var(--ink)",
            "stroke-width": 1.5,
          }),
        );
      }
      const clear = Math.max(end, Math.min(from + (metric.high ?? 0), most));
      box.append(svg("text", { x: x(clear) + 5, y: y + offset + 12 }, duration(metric.estimate)));
    };
    box.append(svg("text", { x: left - 6, y: y + 20, "text-anchor": "end" }, name));
    bar(median, from50, 1, colour(0), 1);
    bar(p95, from95, 18, colour(1), 0.85);
    if (part) [at50, at95] = [at50 + median.estimate, at95 + (p95?.estimate ?? 0)];
  });
  return el(
    "figure",
    {},
    el("h3", {}, "Failover by stage", el("span", { class: "unit" }, " wired primaries")),
    legend([
      ["median", colour(0)],
      ["95th percentile", colour(1)],
    ]),
    box,
    el(
      "figcaption",
      {},
      "A stage begins where the one before it ends; failover and failback from 0. Quantiles of parts do not add up to the whole's. " +
        "Black lines: 95 % intervals, where there are several replications.",
    ),
  );
}

function failoverSection() {
  const parts = [waterfall(), ecdf()].filter(Boolean);
  if (parts.length) section("failover", "Failover").append(el("div", { class: "pair" }, parts));
}

function sharedSections() {
  if (data.services) {
    const place = section("services", "Services", "What stores talk to, against what it can do. " + bandNote());
    for (const { name, starts, columns } of data.services) {
      place.append(
        timeChart({
          title: `${name}: use of its servers`,
          unit: "percent, the greatest in the interval",
          starts,
          series: [{ label: "busy", column: columns.utilisation_max, scale: 100 }],
        }),
        timeChart({
          title: `${name}: attempts`,
          unit: "per interval",
          starts,
          series: [
            { label: "offered", column: columns.offered },
            { label: "refused", column: columns.shed },
            { label: "failed", column: columns.failed },
          ],
        }),
      );
    }
  }
  if (data.noc) {
    const { starts, columns } = data.noc[0];
    section("noc", "Operations centre", bandNote()).append(
      timeChart({
        title: "Tickets that wait",
        unit: "most at once in the hour",
        starts,
        series: [{ label: "waiting", column: columns.waiting_max }],
      }),
      timeChart({
        title: "People",
        unit: "mean of the hour",
        starts,
        series: [
          { label: "engineers on duty", column: columns.on_duty_s, scale: 1 / 3600 },
          { label: "engineers busy", column: columns.busy_s, scale: 1 / 3600 },
          { label: "technicians out", column: columns.technicians_out_s, scale: 1 / 3600 },
        ],
      }),
    );
  }
  if (data.cells.rows.length) {
    const most = data.cells.rows.slice(0, 20);
    section(
      "cells",
      "LTE cells",
      `The ${count(most.length)} cells with the least airtime to spare, of ${count(data.cells.total)} that stores used; means over the ` +
        "replications in which they did.",
    ).append(
      plainTable(
        [
          "cell",
          { number: "stores at once, most" },
          { number: "airtime used" },
          { number: "without airtime to spare" },
          { number: "carried" },
        ],
        most.map(([name, stores, busy, full, megabytes]) => [
          name,
          { number: count(stores) },
          { number: duration(busy) },
          { number: duration(full) },
          { number: count(megabytes) + " MB" },
        ]),
      ),
    );
  }
}

function drillSection() {
  const drill = data.drill;
  if (!drill) return;
  const place = section(
    "drill",
    "Drill",
    `Fault ${drill.fault} at ${drill.at} for ${drill.duration}, ` +
      (drill.extent === "together" ? "at all stores in one run." : "at one store at a time.") +
      " No other fault happens.",
  );
  const per = drill.per_replication;
  const interval = ({ mean, low, high }, say) =>
    say(mean) + (low === null || low === undefined || low === high ? "" : ` (95 % CI ${say(low)} to ${say(high)})`);
  place.append(
    plainTable(
      ["of all stores together", { number: "mean" }],
      [
        ["lost sales", { number: interval(per.lost_sales_usd, money) }],
        ["payments lost", { number: interval(per.payments_lost, count) }],
        ["data over LTE, MB", { number: interval(per.lte_mb, count) }],
        ["stores that never moved", { number: count(drill.never_moved.length) }],
        ["stores without a backup", { number: count(drill.stores_without_backup) }],
        [
          "attempts over the backup answered in 5 s",
          { number: `${count(drill.backup.attempts_in_5s)} of ${count(drill.backup.attempts)}` },
        ],
      ],
    ),
  );
  const quantile = (value) => ({ number: duration(value) });
  place.append(
    plainTable(
      [
        "stage",
        { number: "stores × replications" },
        { number: "median" },
        { number: "90 % within" },
        { number: "95 % within" },
        { number: "longest" },
      ],
      Object.entries(drill.stages).map(([name, stage]) => [
        label(name),
        { number: count(stage.rows) },
        quantile(stage.p50_s),
        quantile(stage.p90_s),
        quantile(stage.p95_s),
        quantile(stage.max_s),
      ]),
    ),
  );
  if (data.drilled) {
    const units = (name) => (name.endsWith("_s") ? "s" : name.endsWith("_usd") ? "currency" : name.endsWith("_share") ? "share" : "");
    const columns = data.drilled.map((column) => ({ ...column, unit: units(column.name) }));
    place.append(
      el("h3", {}, "By store"),
      bigTable({ rows: columns[0].rows.length, columns, sort: ["lost_sales_usd", true], noun: "rows" }).node,
    );
  }
}
