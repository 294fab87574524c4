#!/usr/bin/env python3
"""Times the failover of real daemons: see README.md. `cargo xtask lab` runs it; by hand, as root:

  lab.py --labd LABD --out DIRECTORY --seconds 300 --set frrbfd:300x3:loss40:2:5 [--set ...]

Everything runs in namespaces (network, mounts, processes) that are this process's own and end with it, however it ends.
A set is KIND:CONFIG:FAULT:REPLICAS:TRIALS; each replica is a topology of its own, and all run side by side."""
import argparse, collections, csv, fcntl, glob, json, os, platform, random, re, signal, subprocess, sys, threading, time
sys.dont_write_bytecode = True
import kinds, wire

COLUMNS = ("rep,trial,fault_phase_s,detect_s,failover_s,recover_detect_s,failback_s,app_gap_s,app_gap_back_s,hold_s,phase2_s,"
           "nflaps,down_frac,t_fault,extra").split(",")
SCRATCH = "/run/lab"             # on a file system of our own, in memory
TRIALS_MAX = 1000
SECONDS_MAX = 3600
START_MAX_S = 30                 # until the first probe arrives over the WAN
HOLD_S = (2.0, 5.0)              # how long a fault lasts once traffic is on LTE
LOSS_WINDOW_S = 45.0             # how long a partial loss lasts
AFTER_LOSS_S = 3.0
STAGGER_S = 0.4                  # between the starts of two replicas
STOP_S = 3.0                     # for replicas to end by themselves
PROGRESS_S = 30.0
NOISE_SLEEP_S = 0.01

Plan = collections.namedtuple("Plan", "kind config fault replicas trials")


# ---- trials of one replica

def run_replica(options):
    plan = read_plan(options.set[0])
    kind = kinds.KINDS[plan.kind](plan.config)
    header = json.dumps(dict(daemon=kind.daemon, version=kind.version(), config=plan.config, params=kind.params, fault=plan.fault,
                             links=[[link.name, *link[5:]] for link in kind.links], app_interval_us=kind.app_interval_us))
    name = f"{series_of(plan)}-{options.rep}"
    the_set = wire.Set(f"{kind_letter(plan)}{options.rep}-{os.getpid()}", kind, options.labd, SCRATCH)
    done = 0
    try:
        kind.start(the_set)
        if not the_set.wait(is_over("wan"), 0, START_MAX_S):
            raise RuntimeError(f"no probe arrived over the WAN within {START_MAX_S} s")
        time.sleep(kind.settle_first)
        trial_max = kind.trial_max + (LOSS_WINDOW_S if plan.fault.startswith("loss") else 0)
        while done < plan.trials and time.time() < options.until - trial_max:
            append(f"{options.out}/data/{series_of(plan)}.csv", header, dict(rep=options.rep, trial=done, **trial(the_set, kind, plan)))
            done += 1
    finally:
        print(f"{done} of {plan.trials} trials")
        the_set.stop()
        if done == 0:
            the_set.keep_logs(f"{options.out}/logs/{name}")


def kind_letter(plan):
    return {"frrbfd": "b", "frrbgp": "g", "frrospf": "o", "keepalived": "v"}[plan.kind]


def is_kind(kind):
    return lambda event: event.kind == kind


def is_over(link):
    return lambda event: event.kind == "PATHQ" and event.text.split()[0] == link


def trial(the_set, kind, plan):
    """One fault and its repair; a row of the table."""
    if the_set.path != "wan":
        the_set.wait(is_over("wan"), the_set.path_since + 1e-6, kind.recover_max)
        time.sleep(kind.settle)
    time.sleep(kind.settle + random.random() * kind.phase_span)
    the_set.forget()
    fault_at = inflict(the_set, kind, plan.fault, True)
    ages = last_ages(the_set, fault_at)
    row = dict(t_fault=fault_at, fault_phase_s=ages.get(kind.phase_key), phase2_s=ages.get(kind.phase2_key))
    row.update((exposure if plan.fault.startswith("loss") else outage)(the_set, kind, plan.fault, fault_at))
    print({name: round(value, 4) if isinstance(value, float) else value for name, value in row.items()})
    return row


def outage(the_set, kind, fault, fault_at):
    """Until traffic is on LTE, some seconds more, then the repair and until traffic is back."""
    def since(begin, matches, timeout_s):
        event = the_set.wait(matches, begin, timeout_s)
        return event and event.time - begin
    row = dict(detect_s=since(fault_at, is_kind("down"), kind.detect_max))
    row["failover_s"] = since(fault_at, is_over("lte"), kind.failover_max)
    time.sleep(random.uniform(*HOLD_S))
    row["nflaps"] = len(the_set.find(is_kind("down"), fault_at))
    row["app_gap_s"] = longest_gap(the_set, fault_at)
    repair_at = inflict(the_set, kind, fault, False)
    row["hold_s"] = repair_at - fault_at
    row["recover_detect_s"] = since(repair_at, is_kind("up"), kind.recover_max)
    row["failback_s"] = since(repair_at, is_over("wan"), kind.recover_max)
    time.sleep(0.5)
    row["app_gap_back_s"] = longest_gap(the_set, repair_at) or 0.0
    row["extra"] = kind.extra(the_set, fault_at, repair_at)
    return row


def exposure(the_set, kind, fault, fault_at):
    """Partial loss for a fixed time: how often it was declared down, and how long traffic was on LTE."""
    time.sleep(LOSS_WINDOW_S)
    end = time.time()
    down, up = (the_set.find(is_kind(name), fault_at, end) for name in ("down", "up"))
    over_lte = the_set.find(is_over("lte"), fault_at, end)
    row = dict(nflaps=len(down), hold_s=end - fault_at)
    row["detect_s"] = down[0].time - fault_at if down else None
    row["failover_s"] = over_lte[0].time - fault_at if over_lte else None
    on_lte, since, path = 0.0, fault_at, "wan"
    for event in the_set.find(is_kind("PATHQ"), fault_at, end) + [wire.Event(end, "PATHQ", "end")]:
        on_lte += event.time - since if path == "lte" else 0.0
        since, path = event.time, event.text.split()[0]
    row["down_frac"] = on_lte / (end - fault_at)
    instants = lambda events: "|".join(f"{event.time - fault_at:.3f}" for event in events)
    row["extra"] = f"downs={instants(down)} ups={instants(up)}"
    path = the_set.path
    repair_at = inflict(the_set, kind, fault, False)
    if path != "wan":
        back = the_set.wait(is_over("wan"), repair_at, kind.recover_max)
        recovered = the_set.find(is_kind("up"), repair_at)
        row["failback_s"] = back and back.time - repair_at
        row["recover_detect_s"] = recovered[0].time - repair_at if recovered else None
    time.sleep(AFTER_LOSS_S)
    return row


def inflict(the_set, kind, fault, on):
    """Begins or ends a fault; the instant."""
    own = kind.fault(the_set, fault, on)
    if own is not None:
        return own
    link = kind.fault_link
    if fault == "carrier":
        return the_set.command(f"lastpkts {link}", f"carrier {link} both {0 if on else 1}")
    probability = 1 if fault == "blackhole" else int(fault.removeprefix("loss")) / 100
    return the_set.command(f"lastpkts {link}", f"loss {link} both {probability if on else 0}")


def last_ages(the_set, fault_at):
    """By protocol and direction: how old the last delivered frame was at the fault."""
    reports = the_set.find(is_kind("LAST"), fault_at - 0.5, fault_at + 1e-3)
    if not reports:
        return {}
    pairs = (token.split("=") for token in reports[-1].text.split()[1:])
    return {name: float(value.split("/")[0]) for name, value in pairs}


def longest_gap(the_set, begin):
    gaps = the_set.find(is_kind("GAP"), begin)
    return max((float(re.match(r"dur=([\d.]+)", gap.text)[1]) for gap in gaps), default=None)


def append(path, header, row):
    """Adds a row to a table that other replicas write too."""
    def shown(value):
        if value is None:
            return ""
        return f"{value:.6f}" if isinstance(value, float) else str(value).replace(",", ";")
    with open(path, "a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if os.fstat(file.fileno()).st_size == 0:
            file.write(f"# {header}\n{','.join(COLUMNS)}\n")
        file.write(",".join(shown(row.get(column)) for column in COLUMNS) + "\n")


# ---- all replicas

def measure(options):
    """Runs every replica of every set; whether each series has trials."""
    for folder in ("data", "logs"):
        os.makedirs(f"{options.out}/{folder}", exist_ok=True)
    started = time.time()
    until = started + options.seconds
    plans = [read_plan(text) for text in options.set]
    replicas, lateness = [], []
    try:
        for plan, text in zip(plans, options.set):
            for rep in range(plan.replicas):
                replicas.append(start_replica(options, plan, text, rep, until))
                time.sleep(STAGGER_S)
        watch(options, plans, replicas, started, until, lateness)
    finally:
        end(replicas)
    write_manifest(options, lateness)
    counts = [trials_in(f"{options.out}/data/{series_of(plan)}.csv") for plan in plans]
    for plan, count in zip(plans, counts):
        if count == 0:
            print(f"no trial of {series_of(plan)} was completed: {options.out}/logs says why")
    return all(counts)


def start_replica(options, plan, text, rep, until):
    with open(f"{options.out}/logs/{series_of(plan)}-{rep}.log", "w") as log:
        return subprocess.Popen(
            [sys.executable, "-u", os.path.abspath(__file__), "--inside", "--labd", options.labd, "--out", options.out,
             "--set", text, "--rep", str(rep), "--until", str(until)],
            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)


def watch(options, plans, replicas, started, until, lateness):
    """Waits for the replicas, at most until `until`; meanwhile finds out how late this machine wakes up sleepers."""
    shown = started
    while any(replica.poll() is None for replica in replicas) and time.time() < until:
        looked = time.time()
        while time.time() < looked + 1:
            asleep = time.monotonic()
            time.sleep(NOISE_SLEEP_S)
            lateness.append(time.monotonic() - asleep - NOISE_SLEEP_S)
        if time.time() > shown + PROGRESS_S:
            shown = time.time()
            counts = (f"{series_of(plan)} {trials_in(f'{options.out}/data/{series_of(plan)}.csv')}/{plan.replicas * plan.trials}"
                      for plan in plans)
            print(f"{shown - started:5.0f} s of at most {options.seconds:.0f}: {', '.join(counts)}", flush=True)


def end(replicas):
    for replica in replicas:
        if replica.poll() is None:
            replica.terminate()
    patience = time.time() + STOP_S
    while any(replica.poll() is None for replica in replicas) and time.time() < patience:
        time.sleep(0.05)


def trials_in(path):
    if not os.path.exists(path):
        return 0
    with open(path) as file:
        return sum(1 for line in file) - 2


def write_manifest(options, lateness):
    series = {}
    for path in sorted(glob.glob(f"{options.out}/data/*.csv")):
        with open(path) as file:
            header = json.loads(file.readline().removeprefix("# "))
            trials = sum(1 for row in csv.DictReader(file))
        name = os.path.basename(path)
        series[name.removesuffix(".csv")] = dict(file=name, trials=trials, **header)
    lateness.sort()
    noise = {name: round(lateness[min(int(share * len(lateness)), len(lateness) - 1)] * 1e6)
             for name, share in (("p50", 0.5), ("p99", 0.99), ("p999", 0.999), ("max", 1.0))} if lateness else {}
    manifest = dict(
        machine=f"{operating_system()}, kernel {platform.release()}, {platform.machine()}, {os.cpu_count()} CPUs",
        measured=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        timing_noise_us=dict(measuring=noise),
        link_emulation="labd: TAP pairs, frame dropped at delivery time, wan 10 ms + U(0,1) ms each way, "
                       "lte 30 ms + U(0,10) ms each way, FIFO",
        series=series)
    with open(f"{options.out}/manifest.json", "w") as file:
        json.dump(manifest, file, indent=1)
        file.write("\n")


def operating_system():
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", "Linux")
    except OSError:
        return "Linux"


# ---- the command line and the namespaces around everything

def read_plan(text):
    parts = text.split(":")
    if len(parts) != 5 or parts[0] not in kinds.KINDS or not re.fullmatch(r"blackhole|carrier|sigterm|loss\d\d", parts[2]):
        sys.exit(f"--set {text}: not KIND:CONFIG:FAULT:REPLICAS:TRIALS with a kind of {', '.join(kinds.KINDS)} "
                 "and a fault of blackhole, carrier, lossNN, sigterm")
    if parts[2] == "sigterm" and parts[0] != "keepalived":
        sys.exit(f"--set {text}: sigterm is for keepalived only")
    plan = Plan(*parts[:3], int(parts[3]), int(parts[4]))
    if not 0 < plan.replicas * plan.trials <= TRIALS_MAX:
        sys.exit(f"--set {text}: not 1 to {TRIALS_MAX} trials")
    return plan


def series_of(plan):
    return f"{plan.kind}_{plan.config}_{plan.fault}"


def isolated(arguments):
    """The command that runs this program with `arguments` where no one else sees its networks, mounts and processes."""
    return ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", sys.executable, "-u",
            os.path.abspath(__file__), "--inside", *arguments]


def prepare_namespaces():
    """A /run of our own, for names of namespaces and daemons' sockets, and a try of all that trials need."""
    wire.run(f"mount -t tmpfs tmpfs /run && mkdir -m 755 /run/frr {SCRATCH} && ip link set lo up")
    wire.run("ip netns add try && ip -n try tuntap add dev try mode tap && ip -n try link add name br0 type bridge"
             " && ip netns exec try nft add table ip nat && ip netns del try")


def check():
    """Prints `ok`, or why trials are not possible here."""
    tried = subprocess.run(isolated(["--check"]), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    print(tried.stdout.strip() or f"unshare failed ({tried.returncode})")


def end_with_stdin():
    """Ends all when whoever holds the other end of standard input is gone."""
    def read():
        while os.read(0, 1024):
            pass
        os.kill(os.getpid(), signal.SIGTERM)
    threading.Thread(target=read, daemon=True).start()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="only say whether it is possible here")
    parser.add_argument("--labd", type=os.path.abspath, help="labd.c, compiled")
    parser.add_argument("--out", type=os.path.abspath, help="where data/, logs/ and manifest.json go")
    parser.add_argument("--seconds", type=float, help=f"at most this long, and at most {SECONDS_MAX}")
    parser.add_argument("--set", action="append", default=[], metavar="KIND:CONFIG:FAULT:REPLICAS:TRIALS")
    parser.add_argument("--until-stdin-closes", action="store_true", help="end when standard input does")
    for internal in ("--rep", "--until"):
        parser.add_argument(internal, type=float if internal == "--until" else int, help=argparse.SUPPRESS)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.check and not options.inside:
        return check()
    if not options.check and not (options.set and options.labd and options.out):
        parser.error("--labd, --out and --set are needed")
    for text in options.set:
        read_plan(text)
    if not options.inside:
        if not options.seconds or not 0 < options.seconds <= SECONDS_MAX:
            parser.error(f"--seconds is needed: at most {SECONDS_MAX}")
        os.execvp("unshare", isolated(sys.argv[1:]))
    # FRR's log has local time; `sudo` and `su` may leave out where the system's programs are.
    os.environ.update(TZ="UTC", LC_ALL="C", PATH=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin:/usr/bin:/bin")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    if options.rep is not None:
        return run_replica(options)
    try:
        prepare_namespaces()
    except RuntimeError as error:
        sys.exit(str(error))
    if options.check:
        return print("ok")
    if options.until_stdin_closes:
        end_with_stdin()
    sys.exit(0 if measure(options) else 1)


if __name__ == "__main__":
    main()
