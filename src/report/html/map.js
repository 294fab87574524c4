// The map: states from an atlas, stores as dots coloured by what they lost. One path for each class of colour holds all its dots, so that
// ten thousand are no heavier than ten; what is under the pointer is looked up.

const CLASSES = ["var(--m1)", "var(--m2)", "var(--m3)", "var(--m4)", "var(--m5)"];

function storeMap(onSelect) {
  const map = data.map;
  const columns = Object.fromEntries(data.stores.map((column) => [column.name, column]));
  const choices = ["lost_sales_network_usd", "payments_lost", "service_gap_open_s", "dark_s", "lte_s"].filter((name) => columns[name]);
  const box = svg("svg", {
    viewBox: `0 0 ${map.width} ${map.height}`,
    role: "img",
    "aria-label": "Map of the stores. The table of stores has the same numbers.",
  });
  box.append(
    svg(
      "g",
      {},
      map.states.map(({ name, path }) => svg("path", { class: "land", d: path }, svg("title", {}, name))),
    ),
  );
  const dots = svg("g", {});
  const ring = svg("circle", { r: 7, fill: "none", stroke: "var(--ink)", "stroke-width": 2, visibility: "hidden" });
  box.append(dots, ring);
  const key = el("div");
  const select = el(
    "select",
    { "aria-label": "What the map shows", change: () => draw() },
    choices.map((name) => el("option", { value: name }, label(name))),
  );

  function draw() {
    const column = columns[select.value];
    const most = Math.max(...column.rows.map((value) => value ?? 0), 0);
    const radius = map.x.length > 4000 ? 2.2 : map.x.length > 500 ? 3 : 5;
    // Powers of ten below the greatest.
    const top = most > 0 ? Math.ceil(Math.log10(most)) : 0;
    const limits = CLASSES.map((_, at) => 10 ** (top - CLASSES.length + at + 1));
    const paths = CLASSES.map(() => "");
    let none = "";
    const counts = CLASSES.map(() => 0);
    let without = 0;
    map.x.forEach((x, i) => {
      if (x === null) return;
      const dot = (r) => `M${x - r},${map.y[i]}a${r},${r} 0 1,0 ${2 * r},0a${r},${r} 0 1,0 ${-2 * r},0`;
      const value = column.rows[i] ?? 0;
      if (!(value > 0)) {
        none += dot(radius * 0.6);
        without++;
        return;
      }
      let at = limits.findIndex((limit) => value <= limit);
      if (at < 0) at = CLASSES.length - 1;
      paths[at] += dot(radius + at * 0.5);
      counts[at]++;
    });
    dots.replaceChildren(
      svg("path", { d: none, fill: "var(--m0)" }),
      ...paths.map((d, at) => svg("path", { d, fill: CLASSES[at], stroke: "var(--ink)", "stroke-width": 0.4 })),
    );
    const say = (value) => shown(value, column.unit);
    key.replaceChildren(
      legend([
        [`none: ${count(without)} stores`, "var(--m0)"],
        ...CLASSES.map((fill, at) => [
          at === 0 ? `to ${say(limits[0])}: ${counts[0]}` : `${say(limits[at - 1])} to ${say(limits[at])}: ${counts[at]}`,
          fill,
        ]).filter((_, at) => counts[at] > 0),
      ]),
    );
  }

  function nearest(event) {
    const bounds = box.getBoundingClientRect();
    const [px, py] = [
      ((event.clientX - bounds.left) / bounds.width) * map.width,
      ((event.clientY - bounds.top) / bounds.height) * map.height,
    ];
    const column = columns[select.value];
    let best = -1,
      distance = 100,
      amount = -Infinity;
    for (let i = 0; i < map.x.length; i++) {
      if (map.x[i] === null) continue;
      const d = (map.x[i] - px) ** 2 + (map.y[i] - py) ** 2;
      // Of dots on top of each other, the one that lost most, which is on top.
      if (d < distance - 9 || (d < distance + 9 && d < 100 && (column.rows[i] ?? 0) > amount)) {
        [best, distance, amount] = [i, d, column.rows[i] ?? 0];
      }
    }
    return best;
  }

  const word = (name, i) => columns[name].words[columns[name].rows[i]];
  box.addEventListener("pointermove", (event) => {
    const i = nearest(event);
    ring.setAttribute("visibility", i < 0 ? "hidden" : "visible");
    if (i < 0) return hideTip();
    ring.setAttribute("cx", map.x[i]);
    ring.setAttribute("cy", map.y[i]);
    const lines = [`${word("store_id", i)} · ${word("format", i)}`, [word("market", i), word("region", i)].filter(Boolean).join(", ")];
    for (const name of choices) lines.push(`${label(name)}: ${shown(columns[name].rows[i], columns[name].unit)}`);
    showTip(lines.filter(Boolean).join("\n"), event.clientX, event.clientY);
  });
  box.addEventListener("pointerleave", () => {
    ring.setAttribute("visibility", "hidden");
    hideTip();
  });
  box.addEventListener("click", (event) => {
    const i = nearest(event);
    if (i >= 0) onSelect(word("store_id", i));
  });
  draw();
  const missing = map.x.filter((x) => x === null).length;
  return el(
    "figure",
    {},
    el("div", { class: "bar" }, el("label", {}, "colour by ", select)),
    box,
    key,
    el(
      "figcaption",
      {},
      "Means over replications. A click on a store shows it in the table. ",
      missing ? `${count(missing)} stores have no place on this map. ` : "",
      map.states.length ? "States: US Census Bureau, by way of us-atlas." : "",
    ),
  );
}
