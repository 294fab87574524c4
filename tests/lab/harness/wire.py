"""One set: its network namespaces, the wires between them (labd), the daemons in them, and everything that happens, in one list
of events with one clock. It knows nothing of what is measured (lab.py) or by which daemon (kinds.py)."""
import collections, os, re, shutil, signal, subprocess, threading, time

Event = collections.namedtuple("Event", "time kind text")

# A wire between interface_a in namespace a and interface_b in namespace b; delays are one way, and jitter is uniform on top.
# Wires whose name begins with "_" are the local network: labd does not look for the probes' path there.
Link = collections.namedtuple(
    "Link", "name a interface_a b interface_b delay_ab_us jitter_ab_us delay_ba_us jitter_ba_us")

TARGET = "10.99.9.9"   # in the internet: answers probes
PORT = 7777
POLL_S = 0.03          # how often a daemon's log is looked at; its lines carry their own time
HISTORY_S = 5          # events older than this at the start of a trial are of no use to it


def run(command):
    """Runs shell text; its output. Failing is an error."""
    done = subprocess.run(command, shell=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise RuntimeError(f"{command!r} failed: {done.stdout.strip()}")
    return done.stdout


class Set:
    """Namespaces and wires of `kind`, built when it is made and gone after `stop`."""

    def __init__(self, name, kind, labd, scratch):
        self.directory = os.path.join(scratch, name)
        os.makedirs(self.directory)
        self.namespaces = {key: f"{name}-{key}" for key in kind.namespaces}
        self.daemons, self.events, self.changed = [], [], threading.Condition()
        self.path, self.path_since = None, 0.0
        self.log = open(f"{self.directory}/events.log", "w", buffering=1)
        for namespace in self.namespaces.values():
            run(f"ip netns add {namespace} && ip -n {namespace} link set lo up")
            run(f"ip netns exec {namespace} sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward;"
                " for where in all default; do file=/proc/sys/net/ipv6/conf/$where/disable_ipv6;"
                " if [ -e $file ]; then echo 1 > $file; fi; done'")
        self._start_wires(kind, labd)
        run(f"ip -n {self.namespaces['n']} addr add {TARGET}/32 dev lo")

    def _start_wires(self, kind, labd):
        names = self.namespaces
        lines = [" ".join(map(str, ["link", link.name, names[link.a], link.interface_a, names[link.b], *link[4:]]))
                 for link in kind.links]
        lines.append(f"echo {names['n']} {TARGET} {PORT}")
        lines.append(f"app {names[kind.prober]} {TARGET} {PORT} {kind.app_interval_us}")
        lines += [f"mon {names[key]}" for key in kind.watched]
        with open(f"{self.directory}/labd.conf", "w") as file:
            file.write("\n".join(lines) + "\n")
        self.labd = subprocess.Popen([labd, file.name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        threading.Thread(target=self._read_labd, daemon=True).start()
        if not self.wait(lambda event: event.kind == "READY", 0, 10):
            raise RuntimeError("labd did not start: its complaint is above")

    def _read_labd(self):
        for line in self.labd.stdout:
            when, kind, text = (line.rstrip("\n").split(" ", 2) + [""])[:3]
            self.emit(Event(float(when), kind, text))

    def emit(self, event):
        with self.changed:
            self.events.append(event)
            if event.kind == "PATHQ":
                self.path, self.path_since = event.text.split()[0], event.time
            self.log.write(f"{event.time:.6f} {event.kind} {event.text}\n")
            self.changed.notify_all()

    def command(self, *lines):
        """Has labd do all of `lines` at once; the instant of the last."""
        asked = time.time()
        self.labd.stdin.write("".join(line + "\n" for line in lines))
        self.labd.stdin.flush()
        word = lines[-1].split()[0]
        done = self.wait(lambda event: event.kind == "CMD" and event.text.startswith(word), asked - 1e-3, 5)
        if not done:
            raise RuntimeError(f"labd did not answer `{lines[-1]}`")
        return done.time

    def wait(self, matches, after, timeout_s):
        """The first event from `after` on that `matches`; waits for it; None if it does not come."""
        deadline, seen = time.time() + timeout_s, 0
        with self.changed:
            while True:
                for event in self.events[seen:]:
                    if event.time >= after and matches(event):
                        return event
                seen = len(self.events)
                left = deadline - time.time()
                if left <= 0:
                    return None
                self.changed.wait(left)

    def find(self, matches, begin, end=float("inf")):
        with self.changed:
            return [event for event in self.events if begin <= event.time <= end and matches(event)]

    def forget(self):
        with self.changed:
            self.events = [event for event in self.events if event.time > time.time() - HISTORY_S]

    def in_namespace(self, key, command):
        run(f"ip netns exec {self.namespaces[key]} sh -c '{command}'")

    def start(self, key, command, bind=None, line_kind=None):
        """Starts a daemon in a namespace: with directory `bind[0]` in place of `bind[1]` for itself alone; with the lines
        of its output as events, at the time of reading, where `line_kind(line)` names one."""
        prefix = f"mount --bind {bind[0]} {bind[1]} && " if bind else ""
        output = subprocess.PIPE if line_kind else open(f"{self.directory}/{key}-{os.path.basename(command.split()[0])}.out", "a")
        daemon = subprocess.Popen(
            ["ip", "netns", "exec", self.namespaces[key], "sh", "-c", f"{prefix}exec {command}"],
            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
        self.daemons.append(daemon)
        if line_kind:
            threading.Thread(target=self._read_output, args=(daemon, line_kind), daemon=True).start()
        return daemon

    def _read_output(self, daemon, line_kind):
        for line in daemon.stdout:
            when, line = time.time(), line.decode(errors="replace").rstrip()
            self.log.write(f"{when:.6f} OUT {line}\n")
            kind = line_kind(line)
            if kind:
                self.emit(Event(when, kind, line))

    def follow(self, path, parse):
        """Makes events of a log file's lines, as `parse(line)` says (None: of no interest)."""
        def read():
            while not os.path.exists(path):
                time.sleep(POLL_S)
            with open(path, errors="replace") as file:
                rest = ""
                while True:
                    rest += file.read()
                    *lines, rest = rest.split("\n")
                    for event in filter(None, map(parse, lines)):
                        self.emit(event)
                    time.sleep(POLL_S)
        threading.Thread(target=read, daemon=True).start()

    def stop(self):
        for signal_number, patience_s in ((signal.SIGTERM, 0.5), (signal.SIGKILL, 0)):
            for daemon in self.daemons:
                try:
                    os.killpg(daemon.pid, signal_number)
                except ProcessLookupError:
                    pass
            time.sleep(patience_s)
        for daemon in self.daemons:
            daemon.wait()
        self.labd.kill()
        self.labd.wait()
        for namespace in self.namespaces.values():
            subprocess.run(["ip", "netns", "del", namespace], check=False)

    def keep_logs(self, directory):
        """Copies what may explain a failure."""
        shutil.copytree(self.directory, directory, dirs_exist_ok=True)


FRR_TIME = re.compile(r"^(\d{4})/(\d\d)/(\d\d) (\d\d):(\d\d):(\d\d)(\.\d+) ")


def frr_line(line):
    """Time and rest of a line of FRR's log, which is in UTC here; None if it is another kind of line."""
    match = FRR_TIME.match(line)
    if not match:
        return None
    import calendar
    when = calendar.timegm(tuple(map(int, match.groups()[:6]))) + float("0" + match[7])
    return when, line[match.end():]
