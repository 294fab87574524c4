"""The daemons: how each is configured, started and observed. A configuration is a short word, such as 300x3.

Namespaces: s the store's router, n the internet; for keepalived h a host, a and b the routers, sw the switch."""
import os, re, shutil, signal, subprocess, time
from wire import Event, Link, frr_line, run

WAN = Link("wan", "s", "wan", "n", "wan", 10000, 1000, 10000, 1000)     # 20-22 ms there and back
LTE = Link("lte", "s", "lte", "n", "lte", 30000, 10000, 30000, 10000)   # 60-80 ms

FRR_DIRECTORY = "/usr/lib/frr"
KEEPALIVED = "/usr/sbin/keepalived"
FIRST_DAEMON_S = 0.25   # between the starts of two of FRR's daemons: zebra must be there first

STORE, INTERNET = ("10.1.0.2", 65001), ("10.1.0.1", 65000)


def package_version(package, program, pattern):
    """As Debian names it, else as the program does."""
    if shutil.which("dpkg-query"):
        asked = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package],
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        if asked.returncode == 0 and asked.stdout:
            return asked.stdout
    return program_version(program, pattern)


def program_version(program, pattern):
    said = subprocess.run([program, "--version"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout
    match = re.search(pattern, said)
    return match[1] if match else "unknown"


class Kind:
    """What trials need to know of a daemon; times in seconds. Its events `down` and `up` are its verdicts."""
    namespaces, links, watched, prober = ("s", "n"), (WAN, LTE), ("s",), "s"
    fault_link = "wan"
    app_interval_us = 20000
    phase_key = phase2_key = None          # labd's names of the protocol's frames, towards the detecting end and back
    phase_span = 1.0                       # a fault comes at a uniform instant of this span
    settle_first, settle = 2.0, 1.0        # after everything is up, and before each trial
    detect_max, failover_max, recover_max = 30, 10, 60
    trial_max = 30                         # no trial begins later than this before the end
    params = {}

    def __init__(self, config):
        self.config = config

    def fault(self, the_set, fault, on):
        """A fault that only this kind has; the instant, or None."""

    def extra(self, the_set, fault_at, repair_at):
        return ""


class Frr(Kind):
    """zebra, staticd and `daemons` at both ends of the WAN; LTE is a static default route of distance 250."""
    daemon = "FRR"
    daemons = ()

    def version(self):
        return package_version("frr", f"{FRR_DIRECTORY}/zebra", r"version (\S+)")

    def configuration(self, key):
        """By daemon."""
        raise NotImplementedError

    def start(self, the_set):
        store, internet = the_set.namespaces["s"], the_set.namespaces["n"]
        for namespace, end in ((store, 2), (internet, 1)):
            for number, name in ((1, "wan"), (2, "lte")):
                run(f"ip -n {namespace} addr add 10.{number}.0.{end}/30 dev {name} && ip -n {namespace} link set {name} up")
        for key in ("s", "n"):
            directory = f"{the_set.directory}/frr-{key}"
            os.makedirs(directory)
            shutil.chown(directory, "frr", "frr")
            configuration = self.configuration(key)
            if key == "s":
                configuration["staticd"] = "ip route 0.0.0.0/0 10.2.0.1 250\n"
            for daemon in ("zebra", "staticd") + self.daemons:
                with open(f"{directory}/{daemon}.conf", "w") as file:
                    file.write(f"hostname x\nlog timestamp precision 6\nlog file {directory}/{daemon}.log debugging\n"
                               + configuration.get(daemon, ""))
                # No vty: another set's daemon has the port. Their sockets are in a directory of their own.
                the_set.start(key, f"{FRR_DIRECTORY}/{daemon} -u frr -g frr -A 127.0.0.1 -P 0 -f {file.name}",
                              bind=(directory, "/run/frr"))
                time.sleep(FIRST_DAEMON_S)
        self.observe(the_set)

    def follow(self, the_set, key, daemon, kind_of, prefix=""):
        """Events of a daemon's log: `kind_of(text)` names the kind, None those of no interest."""
        def parse(line):
            stamped = frr_line(line)
            kind = stamped and kind_of(stamped[1])
            return Event(stamped[0], prefix + kind, stamped[1]) if kind else None
        the_set.follow(f"{the_set.directory}/frr-{key}/{daemon}.log", parse)


def bgp(key, before="", after=""):
    """bgpd's configuration, with lines before and after the neighbour is named. The internet announces a default route."""
    (me, own), (peer, other) = (STORE, INTERNET) if key == "s" else (INTERNET, STORE)
    announce = f" address-family ipv4 unicast\n  neighbor {peer} default-originate\n exit-address-family\n" if key == "n" else ""
    return (f"router bgp {own}\n bgp router-id {me}\n bgp log-neighbor-changes\n no bgp ebgp-requires-policy\n{before}"
            f" neighbor {peer} remote-as {other}\n{after.format(peer=peer)}{announce}")


def bgp_kind(text):
    if "%ADJCHANGE" in text:
        return "down" if " Down " in text else "up"


def bfd_kind(text):
    if "state-change" in text:
        return "down" if "up -> down" in text else "up" if "-> up" in text else "bfdstate"


class FrrBfd(Frr):
    """BGP with BFD: `300x3` is an interval of 300 ms both ways and a multiplier of 3."""
    daemons = ("bfdd", "bgpd")
    phase_key, phase2_key = "ba.bfd", "ab.bfd"
    settle, detect_max, recover_max, trial_max = 2.0, 15, 200, 16

    def __init__(self, config):
        super().__init__(config)
        self.interval_ms, self.multiplier = map(int, re.fullmatch(r"(\d+)x(\d+)", config).groups())
        if self.interval_ms <= 100:
            self.app_interval_us = 10000
        self.params = dict(tx_ms=self.interval_ms, rx_ms=self.interval_ms, mult=self.multiplier, bgp_timers="60/180",
                           bgp_connect_retry=120, advertisement_interval=0, lte="floating static distance 250")

    def configuration(self, key):
        interval = f"  receive-interval {self.interval_ms}\n  transmit-interval {self.interval_ms}\n"
        bfd = f"debug bfd peer\ndebug bfd zebra\nbfd\n profile p\n{interval}  detect-multiplier {self.multiplier}\n !\n!\n"
        return dict(bfdd=bfd, bgpd=bgp(key, after=" neighbor {peer} bfd\n neighbor {peer} bfd profile p\n"))

    def observe(self, the_set):
        self.follow(the_set, "s", "bfdd", bfd_kind)
        self.follow(the_set, "s", "bgpd", bgp_kind, prefix="bgp")
        self.follow(the_set, "n", "bfdd", bfd_kind, prefix="n")

    def extra(self, the_set, fault_at, repair_at):
        def first(name, matches, begin, end=float("inf")):
            found = the_set.find(matches, begin, end)
            return f"{name}={found[0].time - begin:.4f}" if found else f"{name}="
        is_default = lambda event: event.kind == "ROUTE" and "default" in event.text
        down = [first(kind, lambda event: event.kind == kind, fault_at, repair_at) for kind in ("bgpdown", "ndown")]
        up = [first(kind, lambda event: event.kind == kind, repair_at) for kind in ("bgpup", "nup")]
        return " ".join(down + up + [first("fib", is_default, fault_at, repair_at)])


class FrrBgp(Frr):
    """BGP alone: `3x9` is a keepalive of 3 s and a hold time of 9 s."""
    daemons = ("bgpd",)
    phase_key, phase2_key = "ba.bgp", "ab.bgp"   # TCP's acknowledgements too
    phase_span, settle, recover_max = 3.0, 4.0, 200
    app_interval_us = 50000

    def __init__(self, config):
        super().__init__(config)
        self.keepalive, self.hold = map(int, re.fullmatch(r"(\d+)x(\d+)", config).groups())
        self.detect_max = self.hold + 15
        self.params = dict(keepalive=self.keepalive, hold=self.hold, connect_retry=120, lte="floating static distance 250")

    def configuration(self, key):
        return dict(bgpd=bgp(key, before=f" timers bgp {self.keepalive} {self.hold}\n"))

    def observe(self, the_set):
        self.follow(the_set, "s", "bgpd", bgp_kind)
        self.follow(the_set, "n", "bgpd", bgp_kind, prefix="n")

    def extra(self, the_set, fault_at, repair_at):
        other = the_set.find(lambda event: event.kind == "ndown", fault_at)
        own = the_set.find(lambda event: event.kind == "down", fault_at)
        reason = re.sub(r".*default ", "", own[0].text) if own else ""
        return (f"ndown={other[0].time - fault_at:.4f} " if other else "ndown= ") + reason


class FrrOspf(Frr):
    """OSPF on a point-to-point link: `1x4` is a hello of 1 s and a dead interval of 4 s; `1x4a0` the same without MinLSArrival."""
    daemons = ("ospfd",)
    phase_key, phase2_key = "ba.ospf", "ab.ospf"
    phase_span, settle, detect_max, recover_max, trial_max = 2.0, 3.0, 20, 90, 32

    def __init__(self, config):
        super().__init__(config)
        self.hello, self.dead, self.variant = re.fullmatch(r"(\d+)x(\d+)(a0)?", config).groups()
        self.params = dict(timers=config, network="point-to-point", spf="default 0/50/5000 ms")

    def configuration(self, key):
        me = (STORE if key == "s" else INTERNET)[0]
        arrival = " timers lsa min-arrival 0\n" if self.variant else ""
        announce = " default-information originate always\n" if key == "n" else ""
        interface = f" ip ospf network point-to-point\n ip ospf hello-interval {self.hello}\n ip ospf dead-interval {self.dead}\n"
        return dict(ospfd=f"debug ospf nsm\ninterface wan\n{interface}!\nrouter ospf\n ospf router-id {me}\n"
                          f" log-adjacency-changes detail\n{arrival} network 10.1.0.0/30 area 0\n{announce}")

    def observe(self, the_set):
        def kind_of(text):
            if "AdjChg" in text:
                return "down" if "Full -> " in text else "up" if "-> Full" in text else "adj"
        self.follow(the_set, "s", "ospfd", kind_of)

    def extra(self, the_set, fault_at, repair_at):
        down = the_set.find(lambda event: event.kind == "down", fault_at)
        return down[0].text.split(":")[-1].strip() if down else ""


class Vrrp(Kind):
    """keepalived on two routers of one LAN: `1000` is the advertisement interval in ms, below 1000 with VRRPv3. Router a is
    master (priority 150) and has the WAN, b (100) has LTE; both masquerade. The black hole and the loss are on a's LAN port."""
    daemon = "keepalived"
    namespaces, watched, prober = ("h", "a", "b", "sw", "n"), ("a", "b"), "h"
    links = (WAN._replace(a="a"), LTE._replace(a="b"),
             Link("_la", "a", "lan", "sw", "pa", 100, 0, 100, 0), Link("_lb", "b", "lan", "sw", "pb", 100, 0, 100, 0),
             Link("_lh", "h", "lan", "sw", "ph", 100, 0, 100, 0))
    fault_link = "_la"
    phase_key, phase2_key = "ab.vrrp", "ba.vrrp"
    settle, detect_max, recover_max, trial_max = 2.0, 15, 30, 20
    priorities = dict(a=150, b=100)

    def __init__(self, config):
        super().__init__(config)
        self.advert_ms = int(re.fullmatch(r"\d+", config)[0])
        self.phase_span = self.advert_ms / 1000 * 2
        self.params = dict(advert_ms=self.advert_ms, vrrp_version=3 if self.advert_ms < 1000 else 2, prio_master=150, prio_backup=100,
                           opt="", garp="defaults", masquerade="nft on each uplink")
        self.routers = {}

    def version(self):
        return program_version(KEEPALIVED, r"v(\d[\d.]*)")

    def start(self, the_set):
        names = the_set.namespaces
        switch, internet = names["sw"], names["n"]
        run(f"ip -n {switch} link add name br0 type bridge forward_delay 0 && ip -n {switch} link set br0 up")
        for port in ("pa", "pb", "ph"):
            run(f"ip -n {switch} link set {port} master br0 && ip -n {switch} link set {port} up")
        for key, host in (("a", 2), ("b", 3), ("h", 50)):
            run(f"ip -n {names[key]} addr add 192.168.1.{host}/24 dev lan && ip -n {names[key]} link set lan up")
        run(f"ip -n {names['h']} route add default via 192.168.1.1")
        for key, number, uplink in (("a", 1, "wan"), ("b", 2, "lte")):
            for namespace, end in ((names[key], 2), (internet, 1)):
                run(f"ip -n {namespace} addr add 10.{number}.0.{end}/30 dev {uplink} && ip -n {namespace} link set {uplink} up")
            run(f"ip -n {names[key]} route add default via 10.{number}.0.1")
            the_set.in_namespace(key, "nft add table ip nat"
                                 ' && nft "add chain ip nat post { type nat hook postrouting priority 100; }"'
                                 f" && nft add rule ip nat post oifname {uplink} masquerade")
            self.start_router(the_set, key)

    def start_router(self, the_set, key):
        directory = f"{the_set.directory}/keepalived-{key}"
        os.makedirs(directory, exist_ok=True)
        version = "vrrp_version 3\n" if self.params["vrrp_version"] == 3 else ""
        with open(f"{directory}/keepalived.conf", "w") as file:
            file.write(f"global_defs {{\n enable_script_security\n script_user root\n {version}}}\n"
                       f"vrrp_instance V {{\n  state {'MASTER' if key == 'a' else 'BACKUP'}\n  interface lan\n  virtual_router_id 51\n"
                       f"  priority {self.priorities[key]}\n  advert_int {self.advert_ms / 1000:g}\n"
                       "  virtual_ipaddress { 192.168.1.1/24 }\n}\n")

        def kind_of(line):
            if "Entering MASTER STATE" in line:
                return "down" if key == "b" else "amaster"
            if "Entering BACKUP STATE" in line:
                return "up" if key == "b" else "abackup"
            if "Entering FAULT STATE" in line:
                return key + "fault"
        pids = f"-p {directory}/keepalived.pid -r {directory}/vrrp.pid"
        self.routers[key] = the_set.start(key, f"{KEEPALIVED} -n -l -P -f {file.name} {pids}", line_kind=kind_of)

    def fault(self, the_set, fault, on):
        if fault != "sigterm":
            return None
        if on:
            the_set.command("lastpkts _la")
            now = time.time()
            os.kill(self.routers["a"].pid, signal.SIGTERM)
            return now
        now = time.time()
        self.start_router(the_set, "a")
        return now

    def extra(self, the_set, fault_at, repair_at):
        seen = the_set.find(lambda event: event.kind in ("amaster", "abackup", "afault", "down", "up"), fault_at)
        return "|".join(f"{event.time - fault_at:.3f}:{event.kind}" for event in seen)


KINDS = dict(frrbfd=FrrBfd, frrbgp=FrrBgp, frrospf=FrrOspf, keepalived=Vrrp)
