// What a sizing, a comparison and a look at uncertain inputs answer; how busy LTE cells are over time.

/** An estimate with its interval, in a unit. */
function around(value, unit, named) {
  return withInterval(value && { level: 0.95, ...value, unit }, named);
}

/** Lines of avoided loss against cost: the chosen choice of levers for all with its interval, the others thin. */
function frontierChart({ frontier, summary }) {
  const chosen = summary.shared.join("+");
  const ways = frontier.filter((way) => way.points.length > 1);
  if (!ways.length) return null;
  const [width, height, left, right, top, bottom] = [960, 380, 80, 20, 14, 46];
  const own = ways.find((way) => way.shared === chosen) ?? ways[0];
  const costs = ticks(Math.max(...ways.flatMap((way) => way.points.map(([cost]) => cost))));
  const losses = ticks(Math.max(...own.points.map(([, , , high]) => high ?? 0), ...ways.flatMap((way) => way.points.map(([, avoided]) => avoided))));
  const x = (cost) => left + (cost / costs.at(-1)) * (width - left - right);
  const y = (loss) => height - bottom - (Math.max(loss, 0) / losses.at(-1)) * (height - top - bottom);
  const box = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": "Avoided loss of a year against cost of a year" });
  for (const loss of losses) {
    box.append(
      svg("path", { d: `M${left},${y(loss)}H${width - right}`, stroke: "var(--line)" }),
      svg("text", { x: left - 6, y: y(loss) + 4, "text-anchor": "end" }, short(loss)),
    );
  }
  for (const cost of costs) box.append(svg("text", { x: x(cost), y: height - bottom + 18, "text-anchor": "middle" }, short(cost)));
  box.append(
    svg("text", { x: (left + width) / 2, y: height - 8, "text-anchor": "middle" }, `cost of a year, ${about.currency}`),
    svg("text", { x: 14, y: height / 2, transform: `rotate(-90 14 ${height / 2})`, "text-anchor": "middle" }, `avoided loss of a year, ${about.currency}`),
  );
  const path = (points) => points.map(([cost, loss], at) => `${at ? "L" : "M"}${x(cost).toFixed(1)},${y(loss).toFixed(1)}`).join("");
  const band = [...own.points.map(([cost, , , high]) => [cost, high]), ...own.points.map(([cost, , low]) => [cost, low]).reverse()];
  box.append(svg("path", { d: path(band) + "Z", fill: colour(0), opacity: 0.18 }));
  for (const way of ways) {
    const mine = way === own;
    box.append(svg("path", { d: path(way.points), fill: "none", stroke: colour(mine ? 0 : 6), "stroke-width": mine ? 2.5 : 1.2 }));
  }
  const knee = own.points.find(([, , , , flag]) => flag);
  const mark = (cost, loss, fill) => svg("circle", { cx: x(cost), cy: y(loss), r: 6, fill: colour(fill), stroke: "var(--ink)" });
  if (knee) box.append(mark(knee[0], knee[1], 2));
  if (summary.stores_equipped) box.append(mark(summary.cost_year_usd, summary.estimated_avoided_usd.estimate, 1));
  box.addEventListener("mousemove", (event) => {
    const frame = box.getBoundingClientRect();
    const cost = ((((event.clientX - frame.left) / frame.width) * width - left) / (width - left - right)) * costs.at(-1);
    const near = own.points.reduce((best, point) => (Math.abs(point[0] - cost) < Math.abs(best[0] - cost) ? point : best));
    const [at, avoided, low, high, , units] = near;
    showTip(`${money(at)} a year, ${count(units)} units: avoids ${around({ estimate: avoided, low, high }, about.currency)}`, event.clientX, event.clientY);
  });
  box.addEventListener("mouseleave", hideTip);
  return el(
    "figure",
    {},
    el("h3", {}, "What money buys"),
    legend([
      [chosen ? `with ${chosen}` : "at stores", colour(0)],
      ...(ways.length > 1 ? [["other choices for all", colour(6)]] : []),
      ["knee", colour(2)],
      ["chosen", colour(1)],
    ]),
    box,
    el(
      "figcaption",
      {},
      "Steps in order of avoided loss per cost, estimated from forced faults, with 95 % intervals. What was chosen was also chosen because its " +
        "estimates were high; the figures above are of runs that the search has not seen.",
    ),
  );
}

function sizingSection() {
  if (!data.sizing) return;
  const { summary, deployment, bill } = data.sizing;
  const verified = summary.verification;
  const place = section("sizing", "What to buy", `${summary.aim}. A year, by ${count(verified.replications)} fresh replications:`);
  const row = (title, value, unit = about.currency) => [title, { number: around(value, unit) }];
  place.append(
    plainTable(
      ["of the whole fleet", { number: "mean of a year" }],
      [
        row("loss as it stands", verified.loss_before_usd),
        row("loss with this design", verified.loss_after_usd),
        row("avoided, in pairs", verified.avoided_usd),
        row("lost sales as it stands", verified.lost_sales_before_usd),
        row("lost sales with this design", verified.lost_sales_after_usd),
        ["cost of the design", { number: `${money(summary.cost_year_usd)} a year all in; ${money(summary.upfront_usd)} to be paid once` }],
        ...verified.targets.map((target) => [`${target.metric}, at most ${count(target.at_most)}`, { number: around(target.value, "") }]),
      ],
    ),
  );
  if (summary.decision_open) place.append(el("p", { class: "note" }, `Not decided: ${summary.decision_open}.`));
  const chart = frontierChart(data.sizing);
  if (chart) place.append(chart);
  if (deployment) {
    place.append(
      el("h3", {}, "Store by store"),
      bigTable({ rows: deployment[0].rows.length, columns: deployment, sort: ["rank", false], noun: "stores" }).node,
    );
  }
  if (bill) {
    place.append(el("h3", {}, "Bill of materials"), bigTable({ rows: bill[0].rows.length, columns: bill, sort: ["item", false], noun: "items" }).node);
  }
  place.append(
    el("h3", {}, "What the answer rests on"),
    el(
      "ul",
      {},
      summary.rests_on.map((sentence) => el("li", {}, sentence)),
    ),
  );
}

function comparisonSection() {
  const comparison = data.comparison;
  if (!comparison) return;
  const place = section(
    "comparison",
    "Comparison",
    `A is ${comparison.first}; B is ${comparison.second}. Both had the same customers and faults in each replication, and differences are of pairs; 95 % intervals in brackets. ` +
      "Variance reduction: as many times the replications would runs apart have needed.",
  );
  const rows = comparison.rows;
  const text = (name, of, meaning) => ({ name, text: true, meaning, value: (i) => of(rows[i]) ?? "" });
  const valued = (name, key, title) => ({
    name,
    label: title,
    value: (i) => rows[i][key]?.estimate ?? null,
    show: (_, i) => around(rows[i][key], rows[i].unit, false),
  });
  place.append(
    bigTable({
      rows: rows.length,
      noun: "metrics",
      sort: ["order", false],
      columns: [
        { name: "order", label: "no.", value: (i) => i + 1, show: (v) => String(v), screen: true },
        text("of", (row) => (row.grouping ? `${row.grouping} ${row.part}` : "fleet")),
        text("metric", (row) => label(row.metric), "As in summary.json"),
        text("day", (row) => row.day, "Empty: all days"),
        valued("difference", "difference", "B − A"),
        valued("a", "first", "A"),
        valued("b", "second", "B"),
        {
          name: "variance_reduction",
          label: "variance reduction",
          value: (i) => rows[i].variance_reduction,
          show: (v) => (v === null ? "–" : count(v)),
        },
        { ...text("group", (row) => row.group), screen: true },
      ],
    }).node,
  );
}

/** What uncertain inputs do to a number, each alone over its range. */
function tornado(found) {
  const bars = found.tornado;
  const base = found.monte_carlo.estimate;
  const all = bars.flatMap(({ at_low: low, at_high: high }) => [low.estimate, high.estimate, low.low, low.high, high.low, high.high]);
  const values = [...all, base, found.threshold?.at].filter((value) => value !== null && value !== undefined);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const [width, left, right, line, top] = [960, 330, 30, 40, 24];
  const height = top + bars.length * line + 36;
  const span = most - least || 1;
  const x = (value) => left + ((value - least + 0.08 * span) / (1.16 * span)) * (width - left - right);
  const box = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `Each input alone over its range: ${found.quantity}` });
  const step = ticks(span, 5)[1];
  for (let mark = Math.ceil(least / step) * step; mark <= most; mark += step) {
    box.append(svg("text", { x: x(mark), y: height - 14, "text-anchor": "middle" }, short(Math.round(mark * 1e6) / 1e6)));
  }
  const upright = (value, stroke, dash) =>
    svg("path", { d: `M${x(value)},${top - 8}V${height - 34}`, stroke, "stroke-width": 1.5, "stroke-dasharray": dash });
  bars.forEach((bar, at) => {
    const y = top + at * line;
    const name = bar.input.length > 44 ? "…" + bar.input.slice(-43) : bar.input;
    box.append(svg("text", { x: left - 10, y: y + 16, "text-anchor": "end" }, name));
    [
      [bar.at_low, bar.low, 0],
      [bar.at_high, bar.high, 1],
    ].forEach(([value, end, fill]) => {
      const [from, to] = [Math.min(value.estimate, base), Math.max(value.estimate, base)];
      const middle = y + 6 + fill * 11;
      box.append(svg("rect", { x: x(from), y: middle - 5, width: Math.max(x(to) - x(from), 1), height: 10, fill: colour(fill) }));
      if (value.low !== null && value.high !== null) {
        box.append(svg("path", { d: `M${x(value.low)},${middle}H${x(value.high)}`, stroke: "var(--ink)", "stroke-width": 1.2 }));
      }
      const outer = value.estimate < base ? [Math.min(x(value.low ?? value.estimate), x(value.estimate)) - 5, "end"] : [Math.max(x(value.high ?? value.estimate), x(value.estimate)) + 5, "start"];
      box.append(svg("text", { x: outer[0], y: middle + 4, "text-anchor": outer[1], class: "small" }, end));
    });
  });
  box.append(upright(base, "var(--ink)", null));
  if (found.threshold) box.append(upright(found.threshold.at, colour(5), "5 4"));
  return el(
    "figure",
    {},
    legend([
      ["input at its low end", colour(0)],
      ["at its high end", colour(1)],
      ["as in the scenario", "var(--ink)"],
      ...(found.threshold ? [["where the decision flips", colour(5)]] : []),
    ]),
    box,
    el("figcaption", {}, `${found.quantity}, ${found.unit}. Thin lines: 95 % intervals of replications.`),
  );
}

/** Where an input flips the decision, in words. */
function switchWords(found) {
  if (!found) return "";
  if (found.verdict !== "flips") return found.verdict;
  const between = found.from || found.to ? ` (between ${found.from ?? "its low end"} and ${found.to ?? "its high end"})` : "";
  return `${found.at}${between}`;
}

function uncertaintySection() {
  const found = data.uncertainty;
  if (!found) return;
  const place = section(
    "uncertainty",
    "Inputs that nobody knows",
    "Each uncertain input alone over its range, the widest swing first; the switch value is where it alone would flip the decision.",
  );
  const interval = (value) => (value ? { number: `${count(value.low)} to ${count(value.high)}` } : { number: "–" });
  place.append(
    plainTable(
      [`${found.quantity}, ${found.unit}`, { number: "value" }],
      [
        ["estimate", { number: count(found.monte_carlo.estimate) }],
        ["Monte Carlo interval: other weekends, inputs as in the scenario", interval(found.monte_carlo)],
        [`input interval: ${count(found.samples)} draws of all uncertain inputs, same weekends`, interval(found.inputs)],
        ...(found.threshold
          ? [[`${found.threshold.decision}: ${found.threshold.verdict}`, { number: `another one in ${count(found.samples_flipped)} of ${count(found.samples)} draws` }]]
          : []),
      ],
    ),
  );
  if (!found.tornado.length) return;
  place.append(
    tornado(found),
    el(
      "div",
      { class: "wide", tabindex: 0, role: "group", "aria-label": "Uncertain inputs" },
      plainTable(
      ["input", "in the scenario", "low", "high", { number: "at low" }, { number: "at high" }, "switch value", "range from"],
      found.tornado.map((bar) => [
        bar.input,
        bar.base,
        bar.low,
        bar.high,
        { number: count(bar.at_low.estimate) },
        { number: count(bar.at_high.estimate) },
        switchWords(bar.switch),
        bar.source,
      ]),
      ),
    ),
  );
}

/** Load of LTE cells over time: a row for each cell, darker with more. */
function heatSection() {
  const heat = data.heat;
  if (!heat) return;
  const which = heat.found > heat.rows.length ? `the ${count(heat.rows.length)} of ${count(heat.found)} cells that stores used most` : "all cells that stores used";
  const place = section(
    "heat",
    "LTE cells over time",
    `Airtime in the busier direction, phones and stores; ${which}; means over replications.` +
      (heat.together > 1 ? ` Each column is the busiest of ${heat.together} intervals.` : ""),
  );
  const [width, left, line, top] = [960, 230, 18, 4];
  const height = top + heat.rows.length * line + 24;
  const step = (width - left - 8) / heat.starts.length;
  const box = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": "Load of LTE cells over time" });
  const classes = 5;
  const classOf = (load) => Math.min(Math.max(Math.ceil(load * classes), 1), classes);
  const shade = (level) => `var(--m${level})`;
  heat.rows.forEach(({ cell, load }, row) => {
    const y = top + row * line;
    box.append(svg("text", { x: left - 8, y: y + 13, "text-anchor": "end" }, cell.length > 30 ? cell.slice(0, 29) + "…" : cell));
    for (let from = 0; from < load.length; ) {
      let to = from + 1;
      while (to < load.length && classOf(load[to]) === classOf(load[from])) to++;
      box.append(svg("rect", { x: left + from * step, y, width: (to - from) * step, height: line - 2, fill: shade(classOf(load[from])) }));
      from = to;
    }
  });
  const day = (at) => new Date(at * 1000).toLocaleDateString("en-US", { weekday: "short", day: "numeric", month: "short", timeZone: time.zone });
  let last = "";
  heat.starts.forEach((start, at) => {
    if (day(start) === last) return;
    last = day(start);
    if (left + at * step < width - 70) box.append(svg("text", { x: left + at * step, y: height - 6 }, last));
  });
  box.addEventListener("mousemove", (event) => {
    const frame = box.getBoundingClientRect();
    const at = Math.floor((((event.clientX - frame.left) / frame.width) * width - left) / step);
    const row = Math.floor((((event.clientY - frame.top) / frame.height) * height - top) / line);
    const found = heat.rows[row];
    if (!found || found.load[at] === undefined) return hideTip();
    const when = new Date(heat.starts[at] * 1000).toLocaleString("en-US", { weekday: "short", hour: "2-digit", minute: "2-digit", hour12: false, timeZone: time.zone });
    showTip(`${found.cell}, ${when}: ${count(found.load[at] * 100)} %`, event.clientX, event.clientY);
  });
  box.addEventListener("mouseleave", hideTip);
  place.append(
    el(
      "figure",
      {},
      legend(Array.from({ length: classes }, (_, at) => [`to ${(at + 1) * 20} %`, shade(at + 1)])),
      box,
    ),
  );
}
