//! Scenarios and results made by hand, for reports only: no simulation stands behind them.

use tinsel::scenario::resolved::*;
use tinsel::simulation::result::*;
use tinsel::units::{BitRate, Cents, SimTime, Span};

/// 2019-11-28T05:00:00Z: midnight in New York at the start of Thanksgiving.
pub const MIDNIGHT_EAST: u64 = 1_574_917_200;
const DAY: u64 = 86_400;

/// Seconds after [`MIDNIGHT_EAST`], or before it if negative.
pub fn at(seconds: f64) -> SimTime {
    let midnight = SimTime::from_unix_seconds(MIDNIGHT_EAST);
    (midnight + Span::from_secs_f64(seconds)).saturating_sub(Span::from_secs_f64(-seconds))
}

fn format(name: &str) -> Format {
    Format {
        name: name.to_owned(),
        basket_mean: 60.0,
        basket_sigma: 0.8,
        items_mean: 10.0,
        scan: Scan::PerItem { base: 10.0, per_item: 3.0, self_checkout_factor: 1.3 },
        cash_time: Law::Constant(20.0),
        cash_share: 0.2,
        patience: Law::Exponential { mean: 600.0 },
        balking: true,
        staffing: Staffing {
            target_load: 0.8,
            forecast_error: 0.1,
            review: Span::from_secs(900),
            lanes_min: 1,
            all_open: false,
        },
        gross_margin: 0.25,
        traffic: Vec::new().into(),
        offline: None,
        offline_count_max: 0,
        cash_fallback: 0.3,
    }
}

fn technology(name: &str, is_lte: bool) -> Technology {
    Technology {
        name: name.to_owned(),
        is_lte,
        up: BitRate(20_000_000),
        down: BitRate(100_000_000),
        rtt: Span::from_millis(20),
        jitter: Span::from_millis(2),
        loss: 0.0,
        buffer_bytes: 100_000,
        queue: QueueDiscipline::Priority,
    }
}

fn profile(name: &str) -> Profile {
    Profile {
        name: name.to_owned(),
        product: "made up".to_owned(),
        source: "made up".to_owned(),
        date: "today".to_owned(),
        confidence: "assumption".to_owned(),
        carrier: None,
        carrier_resolve: Law::Constant(0.0),
        detector: None,
        down_delay: Span::ZERO,
        up_delay: Span::ZERO,
        route_change: Law::Constant(0.1),
        route_return: Law::Constant(0.1),
        session: None,
        lan_takeover: false,
        failback: Failback::Immediate,
        failback_hours: None,
        damping: None,
        backup_min: Span::ZERO,
        tunnel: None,
        flush_flows: true,
        probe_bytes: 84,
        probes_backup: false,
        probe_priority: false,
    }
}

fn carrier(name: &str) -> Carrier {
    Carrier {
        name: name.to_owned(),
        rtt_median_s: 0.06,
        resource_blocks: 50,
        registrations_per_s: None,
        phones: 0.0,
        phones_return: Span::from_secs(60),
        phones_registering_per_s: 0.0,
        overload: Overload::Wait,
        refusal_work: 0.1,
    }
}

fn bring_up() -> BringUp {
    let none = Law::Constant(0.0);
    BringUp {
        boot_floor_s: 20.0,
        boot_tail_s: 5.0,
        usb: none,
        probing: none,
        sim: none,
        full_scan_cold: 0.1,
        full_scan_radio_off: 0.1,
        full_scan: Law::Constant(30.0),
        full_scan_clip_s: (10.0, 60.0),
        attach: Law::Constant(1.0),
        attach_failure: 0.01,
        t3410: Span::from_secs(15),
        t3411: Span::from_secs(10),
        t3402: Span::from_secs(720),
        congestion: 0.0,
        t3346: Law::Constant(1_500.0),
        bearer_floor_s: 0.2,
        bearer: none,
        reattach: none,
        rrc: none,
        rrc_tail: Span::from_secs(10),
        vpn_round_trips: 0,
        vpn_compute_s: 0.0,
        application_round_trips: 0,
    }
}

fn lte() -> Lte {
    Lte {
        cell_step: Span::from_secs(1),
        alpha_down: 0.6,
        cap_down: 4.4,
        alpha_up: 0.4,
        cap_up: 2.0,
        phones_up_share: 0.3,
        phones_max: 0.95,
        rtt_sigma: 0.3,
        loss: 0.001,
        buffer_bytes: 100_000,
        aqm: None,
        queue: QueueDiscipline::Priority,
        modem_up: BitRate(50_000_000),
        modem_down: BitRate(150_000_000),
        bring_up: bring_up(),
        dual_sim: DualSim { attempts: 2, after: Span::from_secs(60), takes: Span::from_secs(10), back: None },
        latent: Latent {
            rate_per_s: 0.0,
            test_interval: Span::from_secs(30 * DAY),
            repair: Law::Constant(3_600.0),
        },
    }
}

/// A scenario of `stores` stores over `days` days, alternately in New York and Chicago; every fifth has LTE only.
pub fn scenario(name: &str, stores: u32, days: u64, replications: u32) -> Scenario {
    let hour = Span::from_secs(3_600);
    let start = at(0.0);
    let end = start + Span::from_secs(days * DAY) + hour;
    let law = || vec![Law::Constant(3_600.0); 3];
    Scenario {
        name: name.to_owned(),
        seed: 20_191_129,
        replications,
        window: Window { start, end },
        first_day: "2019-11-28".to_owned(),
        last_day: date(days - 1),
        interval: Span::from_secs(900),
        cell_timeline: true,
        currency: "USD".to_owned(),
        money: Money {
            lost_share: 0.62,
            late_decline: 0.02,
            truck_roll: Cents(60_000),
            lte_plan: Cents(3_999),
            lte_device: Cents(50_000),
            oobm_plan: Cents(1_000),
            oobm_appliance: Cents(90_000),
            remote_outlet: Cents(30_000),
            oobm_licence: Cents(10_000),
            staff_hour: Cents(2_500),
            gear_life_years: 5.0,
        },
        year: [315, 43, 5, 2],
        thresholds: Vec::new(),
        formats: vec![format("discount"), format("supercenter")],
        technologies: vec![
            technology("cable", false),
            technology("fibre_dia", false),
            technology("lte", true),
        ],
        profiles: vec![profile("bfd-300x3"), profile("fortinet-sdwan"), profile("pfsense-dpinger")],
        carriers: vec![carrier("att"), carrier("verizon")],
        plans: Vec::new(),
        cells: ["att/mall-1", "verizon/872a1072bffffff"]
            .iter()
            .enumerate()
            .map(|(index, cell)| Cell {
                carrier: CarrierId(index as u32),
                site: cell.split('/').nth(1).unwrap_or_default().to_owned(),
                name: (*cell).to_owned(),
                phones: [0.3; 24],
                phone_steps: Vec::new(),
                utc_offset_s: -18_000,
            })
            .collect(),
        causes: vec![Cause {
            name: "access_cut".to_owned(),
            scope: Scope::Uplink,
            rate_per_s: vec![1e-7; 3],
            repair: law(),
            signatures: vec![(Signature::Blackhole, 1.0)],
            remedy: "provider",
            parts: Parts::of(Part::Uplink),
            takes_lte: 0.0,
            rate_windows: Vec::new(),
            load_factor: 1.0,
            load: RaisedBy::Expected,
            shared: None,
        }],
        rate_windows: Vec::new(),
        shared_faults_from: SimTime::default(),
        sampling: Sampling::Plain,
        noc: None,
        fault_lead_in: Span::from_secs(30 * DAY),
        scheduled_faults: vec![ScheduledFault {
            name: "backhoe".to_owned(),
            scope: Scope::Uplink,
            signature: Signature::CarrierLost,
            remedy: "provider",
            carrier: None,
            service: None,
            hits: Vec::new(),
        }],
        carrier_faults: vec![Vec::new(); 2],
        resync: Resync { payments_per_s: 1.0, over_lte: ResyncOverLte::Allow, data_share: 0.25 },
        payments: Payments {
            terminal: Law::Constant(2.0),
            host: Law::Constant(0.3),
            timeout: Span::from_secs(45),
            retries: 1,
            backoff: Span::from_secs(2),
            bytes: 1_500,
            decline: 0.03,
            kept: None,
            service: ServiceId(0),
            second: None,
        },
        services: vec![Service {
            name: "processor".to_owned(),
            capacity: None,
            standby: None,
            faults: Vec::new(),
        }],
        online: None,
        lte: lte(),
        stores: (0..stores).map(|rank| store(rank, days)).collect(),
    }
}

fn date(day: u64) -> String {
    ["2019-11-28", "2019-11-29", "2019-11-30", "2019-12-01", "2019-12-02"][day as usize].to_owned()
}

fn store(rank: u32, days: u64) -> Store {
    let east = rank.is_multiple_of(2);
    let first = at(if east { 0.0 } else { 3_600.0 });
    let day = |number: u64| {
        let midnight = first + Span::from_secs(number * DAY);
        let open =
            Window { start: midnight + Span::from_secs(6 * 3_600), end: midnight + Span::from_secs(DAY) };
        Day {
            date: date(number),
            kind: DayKind::Cyber5,
            window: Window { start: midnight, end: midnight + Span::from_secs(DAY) },
            open: vec![open],
            demand: vec![DemandPiece { window: open, customers: 4_000.0 }],
        }
    };
    Store {
        ups: Span::ZERO,
        generator: None,
        id: format!("{rank:04}"),
        format: FormatId(rank % 2),
        region: if east { "NY" } else { "IL" }.to_owned(),
        market: String::new(),
        timezone: if east { "America/New_York" } else { "America/Chicago" }.to_owned(),
        lat: if east { 40.75 } else { 41.875 },
        lon: if east { -74.0 } else { f64::NAN },
        provider: "lec".to_owned(),
        technology: TechnologyId(if rank % 5 == 4 { 2 } else { rank % 2 }),
        carrier: CarrierId(rank % 2),
        cell: CellId(rank % 2),
        sinr_db: 12.0,
        plan: None,
        modem: (BitRate(50_000_000), BitRate(150_000_000)),
        second: None,
        profile: ProfileId(rank / 3 % 3),
        topology: Topology::GatewayCarrying,
        standby: Standby::Warm,
        oobm: Oobm {
            kind: OobmKind::None,
            carrier: CarrierId(rank % 2),
            shares_carrier: true,
            console_ports: 0,
            outlets: 0,
        },
        backup_test: Span::from_secs(86_400),
        offline: None,
        traffic: Vec::new().into(),
        lanes: 12,
        self_checkouts: 6,
        days: (0..days).map(day).collect(),
        failback_hours: Vec::new().into(),
        surges: vec![Surge {
            start: first + Span::from_secs(18 * 3_600),
            ramp: Span::from_secs(600),
            plateau: Span::from_secs(1_800),
            decay: Span::from_secs(3_600),
            peak: 4.0,
        }],
        drawn: Vec::new(),
        extra: vec![("manager".to_owned(), if east { "=cmd()" } else { "Anne \"O'Brien\", Jr." }.to_owned())],
    }
}

/// A ledger that closes, of about `customers` customers of whom `lost` payments fail.
pub fn ledger(customers: u64, lost: u64) -> Ledger {
    let (balked, reneged, unpaid, inside, declined) =
        (customers / 1_000, customers / 500, lost / 2, u64::from(customers > 100), customers / 40);
    let served = customers - balked - reneged - unpaid - inside;
    let payments = customers * 4 / 5;
    Ledger {
        lost_sales_power: Cents(0),
        customers,
        served,
        balked,
        reneged,
        unpaid,
        inside,
        payments,
        authorized: payments - declined - lost - 1,
        authorized_offline: 1,
        declined,
        payments_lost: lost,
        payments_lost_service: 0,
        pending: 0,
        sales: Cents(served as i64 * 6_001),
        lost_sales: Cents((balked + reneged + unpaid) as i64 * 5_999),
        replayed: 1,
    }
}

/// Numbers that look random: a 64-bit linear congruential generator (Knuth's MMIX constants).
pub struct Noise(pub u64);

impl Noise {
    /// Uniform on [0, 1).
    pub fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Exponential with this mean.
    pub fn exponential(&mut self, mean: f64) -> f64 {
        -mean * libm::log(1.0 - self.unit())
    }
}

fn add(sum: &mut Ledger, part: &Ledger) {
    sum.customers += part.customers;
    sum.served += part.served;
    sum.balked += part.balked;
    sum.reneged += part.reneged;
    sum.unpaid += part.unpaid;
    sum.inside += part.inside;
    sum.payments += part.payments;
    sum.authorized += part.authorized;
    sum.authorized_offline += part.authorized_offline;
    sum.declined += part.declined;
    sum.payments_lost += part.payments_lost;
    sum.pending += part.pending;
    sum.sales += part.sales;
    sum.lost_sales += part.lost_sales;
    sum.replayed += part.replayed;
}

/// A result for `scenario` whose ledgers close: every third wired store has a failover, one store a false alarm.
pub fn result(scenario: &Scenario) -> RunResult {
    RunResult {
        replications: (0..scenario.replications).map(|number| replication(scenario, number)).collect(),
    }
}

fn replication(scenario: &Scenario, number: u32) -> ReplicationResult {
    let mut noise = Noise(7 + u64::from(number));
    let mut out = ReplicationResult { replication: number, ..ReplicationResult::default() };
    let mut fleet = Ledger::default();
    for (rank, store) in scenario.stores.iter().enumerate() {
        let rank = StoreRank(rank as u32);
        let faulty = rank.0.is_multiple_of(3);
        let mut total = Ledger::default();
        let mut times = PathTimes::default();
        let mut lost_sales_network = Cents(0);
        for day in 0..store.days.len() as u32 {
            let row = day_row(rank, day, faulty && day == 1, &mut noise);
            add(&mut total, &row.ledger);
            times.dark += row.times.dark;
            times.lte += row.times.lte;
            times.gap += row.times.gap;
            times.gap_open += row.times.gap_open;
            times.lte_bytes += row.times.lte_bytes;
            times.stuck += row.times.stuck;
            times.stuck_bytes += row.times.stuck_bytes;
            lost_sales_network += row.lost_sales_network;
            out.days.push(row);
        }
        let switches = u64::from(faulty && store.days.len() > 1);
        out.stores.push(StoreRow {
            store: rank,
            ledger: total,
            times,
            payment_p50: Some(412_000_000),
            payment_p99: Some(1_730_500_499),
            queue_wait_p95: Some(184_000_000_000),
            failovers: switches,
            false_failovers: 0,
            failbacks: switches,
            flow_breaks: switches,
            over_bytes: 0,
            over_cost: Cents(0),
            slowed: None,
            probe_bytes: 1_500_000,
            truck_rolls: 0,
            resynced: Resynced::default(),
            lost_sales_network,
        });
        let row = (switches == 1).then(|| incident(rank, &mut noise));
        out.losses.extend(losses(rank, lost_sales_network, row.as_ref()));
        out.incidents.extend(row);
        add(&mut fleet, &total);
    }
    for _ in 0..5_000 {
        out.payment_time_primary.record((noise.exponential(2e8) + 3e8) as u64);
    }
    for _ in 0..50 {
        out.payment_time_lte.record((noise.exponential(8e8) + 5e8) as u64);
    }
    out.cells = vec![CellRow {
        cell: CellId(0),
        attached: Span::from_secs(5_400),
        bytes: 1_234_567_890,
        stores_max: 3,
        busy: Span::from_millis(5_300_500),
        saturated: Span::from_secs(60),
        intervals: cell_intervals(scenario),
    }];
    out.timeline = timeline(scenario, &fleet, &mut noise);
    out.kernel = KernelCounters { events: 1_000, ties: 2, folds: 30 };
    out
}

fn day_row(store: StoreRank, day: u32, faulty: bool, noise: &mut Noise) -> DayRow {
    let lost = if faulty { 10 } else { 0 };
    let ledger = ledger(4_000 + (noise.unit() * 200.0) as u64, lost);
    let times = if faulty {
        PathTimes {
            dark: Span::ZERO,
            lte: Span::from_secs(5_400),
            gap: Span::from_millis(400_250),
            gap_open: Span::from_millis(400_250),
            lte_bytes: 48_123_456,
            stuck: Span::from_secs(61),
            stuck_bytes: 123_456,
        }
    } else {
        PathTimes::default()
    };
    DayRow {
        store,
        day,
        ledger,
        times,
        payment_p50: Some(410_000_000),
        payment_p99: Some(1_700_000_000),
        queue_wait_p95: Some(180_000_000_000),
        failovers: u64::from(faulty),
        false_failovers: 0,
        failbacks: u64::from(faulty),
        flow_breaks: u64::from(faulty),
        probe_bytes: 1_500_000,
        lost_sales_network: Cents(if faulty { 30_000 + (noise.unit() * 10_000.0) as i64 } else { -12 }),
        gap_over_5min: faulty,
    }
}

/// What the network cost a store: its incident's part while it was not detected, and a rest that nothing explains.
fn losses(store: StoreRank, lost: Cents, row: Option<&IncidentRow>) -> Vec<LossRow> {
    let of_incident = row.map_or(Cents(0), |row| row.lost_sales);
    let rest = LossPart { lost_sales: lost - of_incident, ..LossPart::default() };
    let mut rows = vec![LossRow {
        store,
        incident: 0,
        stage: LossStage::Unattributed,
        helped: Helped::Nothing,
        part: rest,
    }];
    rows.extend(row.map(|row| LossRow {
        store,
        incident: row.number,
        stage: LossStage::Detection,
        helped: Helped::Lte,
        part: LossPart {
            payments_lost: row.payments_lost,
            lost_sales: of_incident,
            late_declined: Cents(1_000),
            gap: row.gap,
        },
    }));
    rows
}

fn incident(store: StoreRank, noise: &mut Noise) -> IncidentRow {
    // Three profiles with detection times an order of magnitude apart.
    let detection = [0.9, 8.0, 60.0][(store.0 / 3) as usize % 3] * (0.6 + 0.8 * noise.unit());
    let fault = at(86_400.0 + 3_600.0 * (8.0 + 10.0 * noise.unit()));
    let after = |start: SimTime, seconds: f64| start + Span::from_secs_f64(seconds);
    let detected = after(fault, detection);
    let ready = after(detected, 2.0 + noise.exponential(12.0));
    let failover = after(ready, 0.1 + noise.exponential(0.3));
    let repaired = after(fault, 5_400.0);
    let recovery = after(repaired, detection);
    let cause = if store.0.is_multiple_of(2) {
        IncidentCause::Process(CauseId(0))
    } else {
        IncidentCause::Scheduled(0)
    };
    IncidentRow {
        shared: None,
        store,
        number: 1,
        cause,
        kind: IncidentKind::Failover,
        uplink: "primary",
        scope: "uplink",
        signature: "blackhole",
        remedy: "provider",
        open_at_fault: true,
        fault,
        detected: Some(detected),
        backup_ready: Some(ready),
        failover: Some(failover),
        repaired: Some(repaired),
        recovery_detected: Some(recovery),
        failback: Some(after(recovery, 30.0)),
        stored: 1,
        piled: false,
        resync_done: Some(after(recovery, 31.0)),
        alarms: 1,
        on_backup: Span::from_secs(60),
        gap: failover.since(fault),
        payments_lost: 10,
        lost_sales: Cents(4 * 5_999),
        last_stage: LossStage::Detection,
        censored: false,
        backup_dead: false,
        found_by: "",
    }
}

/// Phones that want a third, and stores that fill the rest of the cell for two of its intervals.
fn cell_intervals(scenario: &Scenario) -> Vec<CellInterval> {
    let (window, length) = (scenario.window, scenario.interval);
    let count = window.end.since(window.start).as_nanos() / length.as_nanos();
    let share = |percent: u64| Span::from_nanos(length.as_nanos() / 100 * percent);
    let interval = |number: u64| {
        let (busy, full) = ((48..60).contains(&number), (50..52).contains(&number));
        CellInterval {
            start: window.start + length.times(number),
            length,
            attached: if busy { length.times(3) } else { Span::ZERO },
            saturated: if full { Span::from_secs(30) } else { Span::ZERO },
            stores_up: share(if busy { 10 } else { 0 }),
            stores_down: share(if full {
                67
            } else if busy {
                25
            } else {
                0
            }),
            phones_up: share(10),
            phones_down: share(33),
        }
    };
    (0..count).map(interval).collect()
}

/// The fleet's counts spread over the regions and intervals, with the shape of shopping days.
fn timeline(scenario: &Scenario, fleet: &Ledger, noise: &mut Noise) -> Timeline {
    let regions = ["IL", "NY"];
    let width = scenario.interval.as_nanos();
    let intervals = (scenario.window.end.since(scenario.window.start).as_nanos() / width) as usize;
    let weight = |index: usize| {
        let hour = (index as f64 * width as f64 / 3.6e12) % 24.0;
        let day = (index as f64 * width as f64 / 8.64e13) as usize;
        let open = if hour < 6.0 { 0.0 } else { 1.0 - ((hour - 15.0) / 10.0) * ((hour - 15.0) / 10.0) };
        open.max(0.0) * [0.6, 1.7, 1.1, 0.9, 0.8][day.min(4)]
    };
    let total: f64 = (0..intervals).map(weight).sum::<f64>() * regions.len() as f64;
    let mut cells = Vec::new();
    for _ in regions {
        for index in 0..intervals {
            let share = weight(index) / total;
            let thinned = share * (0.97 + 0.03 * noise.unit());
            let part = |count: u64| (count as f64 * thinned) as u64;
            let stores = scenario.stores.len() as f64 / 2.0;
            let busy = if (110..200).contains(&index) { 1.0 } else { 0.05 };
            let spent = |stores: f64| (stores * width as f64) as u64;
            let (lte, gap, dark) = (
                stores * 0.2 * busy * (0.8 + 0.2 * noise.unit()),
                stores * 0.01 * busy,
                stores * 0.004 * busy * noise.unit(),
            );
            cells.push(TimelineCell {
                demand_milli: (fleet.customers as f64 * share * 1_000.0) as u64,
                customers: part(fleet.customers),
                payments: part(fleet.payments),
                authorized: part(fleet.authorized),
                lte_ns: spent(lte),
                gap_ns: spent(gap),
                dark_ns: spent(dark),
                primary_ns: spent(stores - lte - gap - dark),
                open_ns: if weight(index) > 0.0 { spent(stores) } else { 0 },
                lte_bytes: spent(lte) / 1_000,
                ..TimelineCell::default()
            });
        }
    }
    settle(&mut cells, intervals / 2, fleet);
    Timeline {
        start: scenario.window.start,
        interval: scenario.interval,
        regions: regions.iter().map(|&region| region.to_owned()).collect(),
        cells,
    }
}

/// Puts what rounding left over into one interval, so that the timeline adds up to the stores.
fn settle(cells: &mut [TimelineCell], index: usize, fleet: &Ledger) {
    let rest = |total: u64, count: fn(&TimelineCell) -> u64| total - cells.iter().map(count).sum::<u64>();
    let customers = rest(fleet.customers, |cell| cell.customers);
    let payments = rest(fleet.payments, |cell| cell.payments);
    let authorized = rest(fleet.authorized, |cell| cell.authorized);
    let cell_count = cells.len() as u64;
    for (position, cell) in cells.iter_mut().enumerate() {
        let even = |total: u64| total / cell_count + u64::from((position as u64) < total % cell_count);
        cell.customers += even(customers);
        cell.payments += even(payments);
        cell.authorized += even(authorized);
    }
    let cell = &mut cells[index];
    cell.authorized_offline = fleet.authorized_offline;
    cell.payments_lost = fleet.payments_lost;
    cell.abandoned = fleet.balked + fleet.reneged + fleet.unpaid;
}

/// Adds one incident of each rarer kind: a false alarm, a masked fault, and one that began in the lead-in and
/// never ends.
pub fn add_odd_incidents(result: &mut RunResult) {
    for replication in &mut result.replications {
        let Some(model) = replication.incidents.first().cloned() else { continue };
        let empty = IncidentRow {
            detected: None,
            backup_ready: None,
            failover: None,
            repaired: None,
            recovery_detected: None,
            failback: None,
            stored: 0,
            piled: false,
            resync_done: None,
            alarms: 1,
            on_backup: Span::from_secs(60),
            gap: Span::ZERO,
            payments_lost: 0,
            lost_sales: Cents(0),
            ..model.clone()
        };
        let false_alarm = IncidentRow {
            number: model.number + 1,
            cause: IncidentCause::FalseAlarm,
            kind: IncidentKind::FalseFailover,
            signature: "",
            remedy: "self",
            detected: Some(model.fault + Span::from_secs(9)),
            failover: Some(model.fault + Span::from_secs(10)),
            failback: Some(model.fault + Span::from_secs(70)),
            ..empty.clone()
        };
        let masked = IncidentRow { number: model.number + 2, kind: IncidentKind::Masked, ..empty.clone() };
        let endless = IncidentRow {
            store: StoreRank(1),
            number: 1,
            kind: IncidentKind::NoFailover,
            fault: at(-100_000.123_456),
            open_at_fault: false,
            censored: true,
            alarms: 1,
            on_backup: Span::from_secs(60),
            gap: Span::from_secs(86_400),
            ..empty
        };
        let position = replication.incidents.iter().position(|row| row.store > model.store);
        let position = position.unwrap_or(replication.incidents.len());
        replication.incidents.splice(position..position, [false_alarm, masked, endless]);
    }
}

/// A plan that charges.
pub fn plan(price: Cents, overage_per_gb: Cents) -> Plan {
    Plan {
        name: "metered".to_owned(),
        cap_bytes: Some(5_000_000_000),
        pooled: false,
        used: 0.0,
        throttle: None,
        overage_per_gb,
        price,
        priority: false,
    }
}
