// Puts the page together.

function daysSection() {
  const metrics = data.groups?.verdict ?? [];
  const days = [...new Set(metrics.map((metric) => metric.day).filter(Boolean))];
  if (!days.length) return;
  const on = (day, name) => metrics.find((metric) => metric.day === day && metric.name === name);
  const rare = metrics.some((metric) => metric.name.endsWith("_p95"));
  const row = (day, title) => [
    title,
    { number: withInterval(on(day, "stores_dark_5min")) },
    ...(rare ? [{ number: on(day, "stores_dark_5min_p95") ? shown(on(day, "stores_dark_5min_p95").estimate, "stores") : "" }] : []),
    { number: withInterval(on(day, "lost_sales_network")) },
    ...(rare
      ? [{ number: on(day, "lost_sales_network_p95") ? shown(on(day, "lost_sales_network_p95").estimate, about.currency) : "" }]
      : []),
  ];
  const weekday = (day) => new Date(day + "T12:00:00Z").toLocaleDateString("en-US", { weekday: "short", timeZone: "UTC" });
  section(
    "days",
    "Day by day",
    "Dark: for 5 minutes on end, in opening hours, the route in use got no answers. Days are those of each store's own clock." +
      (rare ? " 1 in 20: what one weekend in 20 reaches or exceeds." : " From 20 replications on, one weekend in 20 can be told as well."),
  ).append(
    plainTable(
      [
        "day",
        { number: "stores dark ≥ 5 min" },
        ...(rare ? [{ number: "1 in 20" }] : []),
        { number: "sales lost to the network" },
        ...(rare ? [{ number: "1 in 20" }] : []),
      ],
      [...days.map((day) => row(day, `${weekday(day)} ${day}`)), row(null, "all days")],
    ),
  );
}

function timeSection() {
  if (!data.timeline) return;
  const { starts, columns } = data.timeline[0];
  const place = section(
    "time",
    "Over time",
    `Times by the clock of ${time.zone}, where most stores are. Drag over a stretch to zoom, or use the buttons; on a chart, + − ← → and 0. ` +
      bandNote(),
  );
  const minutes = starts.length > 1 ? (starts[1] - starts[0]) / 60 : 15;
  place.append(
    zoomBar(),
    timeChart({
      title: "Demand and payments",
      unit: `per ${minutes} min`,
      starts,
      series: [
        { label: "customers expected", column: columns.demand },
        { label: "card payments begun", column: columns.payments },
        { label: "left without buying", column: columns.abandoned },
      ],
    }),
    timeChart({
      title: "Stores not on their wire",
      unit: "stores, mean of the interval",
      starts,
      series: [
        { label: "on LTE", column: columns.stores_lte },
        { label: "no answers, though an uplink works", column: columns.stores_gap },
        { label: "dark: no uplink works", column: columns.stores_dark },
      ],
    }),
    timeChart({
      title: "Payments without an answer",
      unit: `per ${minutes} min`,
      starts,
      series: [
        { label: "lost", column: columns.payments_lost },
        { label: "approved offline", column: columns.authorized_offline },
      ],
    }),
    timeChart({ title: "LTE", unit: "Mbit/s, all stores", starts, series: [{ label: "both directions", column: columns.lte_mbps }] }),
  );
}

/** What of the stores' table fits on paper. */
const PRINTED_COLUMNS = [
  "store_id",
  "format",
  "region",
  "lost_sales_network_usd",
  "payments_lost",
  "service_gap_open_s",
  "dark_s",
  "lte_s",
  "failovers",
  "customers",
];

function storeSections() {
  if (!data.stores[0].rows.length) return;
  let incidentTable = null;
  const details = el("div", { "aria-live": "polite" });
  const mapPlace = data.map ? section("map", "Map") : null;
  const place = section("stores", "Stores", "Means over replications. Headings sort; choose a store to see its incidents below.");
  const table = bigTable({
    rows: data.stores[0].rows.length,
    columns: data.stores.map((column) => ({ ...column, screen: !PRINTED_COLUMNS.includes(column.name) })),
    noun: "stores",
    sort: ["lost_sales_network_usd", true],
    onSelect: (i) =>
      details.replaceChildren(
        el(
          "p",
          { class: "bar" },
          el("bdi", {}, storeName(i)),
          " has ",
          el(
            "button",
            {
              type: "button",
              click: () => {
                incidentTable?.find(storeName(i));
                document.getElementById("incidents")?.scrollIntoView();
              },
            },
            `${count(incidents.store.filter((store) => store === i).length)} incidents in this file`,
          ),
        ),
      ),
  });
  place.append(table.node, details);
  if (mapPlace) mapPlace.append(storeMap((id) => table.find(id)));
  incidentTable = incidentSection();
}

function themeButton() {
  const root = document.documentElement;
  const dark = () => (root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches);
  const button = el(
    "button",
    {
      type: "button",
      "aria-pressed": "false",
      title: "Light or dark",
      click: () => {
        root.dataset.theme = dark() ? "light" : "dark";
        button.setAttribute("aria-pressed", String(dark()));
      },
    },
    "dark",
  );
  button.setAttribute("aria-pressed", String(dark()));
  document.getElementById("contents").append(button);
}

document.getElementById("subtitle").textContent =
  `${count(about.stores)} stores, ${about.first_day} to ${about.last_day}, ` +
  `${count(about.replications)} replication${about.replications === 1 ? "" : "s"}, seed ${about.seed}`;
sizingSection();
comparisonSection();
uncertaintySection();
daysSection();
drillSection();
timeSection();
storeSections();
failoverSection();
lossSection();
sharedSections();
heatSection();
numbersSection();
restsSection();
sourceSection();
themeButton();
document.body.dataset.ready = "true";
