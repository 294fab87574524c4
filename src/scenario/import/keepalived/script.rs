//! The master's file: a script that watches the uplink, and the silence that follows.

use super::tree::{Statement, named};
use super::{Timers, seconds};
use crate::scenario::diagnostics::Code;
use crate::scenario::import::draft::{About, Draft, time};
use crate::scenario::import::input::{Given, Input, Word};
use crate::scenario::import::words;
use crate::units::Span;

pub(super) const KEYS: &[&str] = &["fall", "interval", "rise", "script", "timeout", "weight"];
/// Whether it counts as failed before its first run, and as whom it runs.
pub(super) const IGNORED: &[&str] = &["init_fail", "user"];

const DEFAULT: &str = "[C] default of keepalived 2.2.7";
/// iputils waits this long for the answer to a last packet if none came before (ping(8), MAXWAIT).
const PING_WAIT_S: u64 = 10;
/// A profile's probe is no larger.
const BYTES_MAX: u64 = 65_535;
/// Options of ping that take a value.
const WITH_VALUE: &str = "cWwisItQmMSFlTp";

/// The rule of the script, and the waits of the two routers behind it.
pub(super) fn profile(
    input: &Input,
    file: &[Statement],
    instance: &Statement,
    timers: &Timers,
    own: &Given<u64>,
    peer: &Given<u64>,
) -> Option<Draft> {
    let script = tracked(input, file, instance)?;
    let count = |key: &str| match script.last(key) {
        Some(statement) => {
            let word = statement.argument();
            let value = input.number(word, key, 1..=1_000).unwrap_or(1);
            Given::new(value, input.cited(word.place))
        }
        None => Given::new(1, DEFAULT),
    };
    let default = Given::new(Span::from_secs(1), DEFAULT);
    let interval = seconds(input, script.last("interval"), "interval", default);
    let killed = Given::new(interval.value, format!("{DEFAULT}: timeout as interval, {}", interval.remark));
    let killed = seconds(input, script.last("timeout"), "timeout", killed);
    let (timeout, bytes) = answer(input, script, &killed);
    if timeout.value > interval.value {
        let place = script.last("interval").unwrap_or(script).argument().place;
        let message = format!("a run may take {}, longer than its interval", time(timeout.value));
        let help = "the next run then waits for it, which is not simulated: make the interval longer, or ping -W shorter";
        input.complain(Code::Inconsistent, place, message, help);
    }
    let name = instance.argument_text();
    let about = About {
        family: "consecutive-probes",
        product: format!("keepalived, master of vrrp_instance {name} with script {}", script.argument_text()),
        source: "keepalived.conf(5) 2.2.7, RFC 5798 and RFC 3768 for what it does not set",
        date: "keepalived 2.2.7".to_owned(),
        confidence: "derived",
    };
    let mut draft = Draft::new(&format!("vrrp-{name}-script"), input.name(), &about);
    draft.time("interval", &interval);
    draft.time("timeout", &timeout);
    draft.number("down", &count("fall"));
    draft.number("up", &count("rise"));
    let skew = format!(
        "[D] RFC 5798 s. 6.4.2: the backup waits for its skew {}; {}",
        timers.formula(peer.value),
        peer.remark
    );
    draft.time("down_delay", &Given::new(timers.skew(peer.value), skew));
    up_delay(timers, own, &mut draft);
    draft.flag("carrier", &carrier(input, instance));
    draft.number("probe_bytes", &bytes);
    Some(draft)
}

/// A master that was in fault waits like a backup, and then as long as it is told.
fn up_delay(timers: &Timers, own: &Given<u64>, draft: &mut Draft) {
    let adverts = timers.adverts.value;
    let wait = format!(
        "[D] RFC 5798: the master waits {adverts} adverts and its skew {}; {}; {}",
        timers.formula(own.value),
        own.remark,
        timers.advert.remark
    );
    let (delay, remark) = match &timers.preempt_delay {
        Some(delay) => (delay.value, format!("{wait}; and {}", delay.remark)),
        None => (Span::default(), wait),
    };
    draft.time("up_delay", &Given::new(timers.dead(own.value) + delay, remark));
}

/// The one script that the instance tracks.
fn tracked<'f>(input: &Input, file: &'f [Statement], instance: &Statement) -> Option<&'f Statement> {
    let Some(block) = instance.last("track_script") else {
        let help = "import the backup's file for what happens when this router falls silent, or add a track_script \
                    that watches the uplink";
        let message = "nothing in this master's file notices that its uplink is dead";
        input.complain(Code::MissingKey, instance.name().place, message, help);
        return None;
    };
    let (first, others) =
        block.children.split_first().map_or((None, &[][..]), |(one, rest)| (Some(one), rest));
    let Some(first) = first else {
        input.complain(
            Code::MissingKey,
            block.name().place,
            "this track_script is empty",
            "name a vrrp_script in it",
        );
        return None;
    };
    for other in others {
        let help = "a second rule beside the first cannot be simulated: keep the one that watches the uplink";
        input.complain(Code::Inconsistent, other.name().place, "this is a second script", help);
    }
    let name = &first.name().text;
    let Some(script) = named(file, "vrrp_script").find(|one| one.argument_text() == name) else {
        let message = format!("there is no vrrp_script `{name}`");
        input.complain(Code::UnknownName, first.name().place, message, "define it in this file");
        return None;
    };
    let tracked_weight = first.words().iter().position(|word| word.text == "weight");
    let weights = [
        tracked_weight.and_then(|at| first.words().get(at + 1)),
        script.last("weight").map(Statement::argument),
    ];
    for word in weights.into_iter().flatten().filter(|word| word.text != "0") {
        let help = "with a weight a failure changes the priority instead of putting the router into fault; only \
                    weight 0, the default, is simulated";
        input.complain(Code::Inconsistent, word.place, "a weight cannot be simulated", help);
    }
    Some(script)
}

/// How long a run without an answer lasts, and what it sends.
fn answer(input: &Input, script: &Statement, killed: &Given<Span>) -> (Given<Span>, Given<u64>) {
    let unknown = Given::new(0, "[EA] what the script sends is not known");
    let Some(statement) = script.last("script") else {
        let message = format!("vrrp_script `{}` has no script", script.argument_text());
        input.complain(
            Code::MissingKey,
            script.name().place,
            message,
            "add script \"ping -c 1 -W 1 ADDRESS\"",
        );
        return (killed.clone(), unknown);
    };
    let Some(ping) = Ping::read(input, statement) else {
        let remark = format!("[EA] a script that hangs until it is killed; {}", killed.remark);
        return (Given::new(killed.value, remark), unknown);
    };
    let cited = input.cited(statement.name().place);
    let bytes = ping.count.unwrap_or(1) * (ping.size + ping.headers);
    if bytes > BYTES_MAX {
        let message = format!("one run sends {bytes} bytes, more than {BYTES_MAX}");
        input.complain(Code::OutOfRange, statement.argument().place, message, "make ping -c or -s smaller");
    }
    let bytes = Given::new(bytes, format!("[D] {cited}"));
    match ping.lasts() {
        Some(span) if span <= killed.value => (Given::new(span, cited), bytes),
        _ => (Given::new(killed.value, format!("{}: kills the ping", killed.remark)), bytes),
    }
}

/// What a command line of ping says.
struct Ping {
    count: Option<u64>,
    wait: Option<Span>,
    deadline: Option<Span>,
    interval: Span,
    size: u64,
    headers: u64,
}

impl Ping {
    /// `None` if it is not a ping.
    fn read(input: &Input, statement: &Statement) -> Option<Ping> {
        let command = command(input, statement);
        let program = command.first()?.text.rsplit('/').next()?;
        if !["ping", "ping4", "ping6"].contains(&program) {
            return None;
        }
        let mut ping = Ping {
            count: None,
            wait: None,
            deadline: None,
            interval: Span::from_secs(1),
            size: 56,
            headers: if program == "ping6" { 48 } else { 28 },
        };
        let mut words = command[1..].iter();
        while let Some(word) = words.next() {
            let Some(letters) = word.text.strip_prefix('-') else {
                ping.headers = if word.text.contains(':') { 48 } else { ping.headers };
                continue;
            };
            // Letters without a value may stand together: -nqc 1.
            let mut chars = letters.chars();
            let Some(letter) = chars.by_ref().find(|letter| WITH_VALUE.contains(*letter)) else { continue };
            let value = match chars.as_str() {
                "" => words.next().cloned(),
                attached => Some(Word { text: attached.to_owned(), place: word.place }),
            };
            let Some(value) = value else { continue };
            match letter {
                'c' => ping.count = input.number(&value, "ping -c", 1..=100),
                'W' => ping.wait = input.seconds(&value, "ping -W", 0..=3_600).filter(|span| !span.is_zero()),
                'w' => {
                    ping.deadline = input.seconds(&value, "ping -w", 0..=3_600).filter(|span| !span.is_zero())
                }
                'i' => ping.interval = input.seconds(&value, "ping -i", 0..=3_600).unwrap_or(ping.interval),
                's' => ping.size = input.number(&value, "ping -s", 0..=65_000).unwrap_or(ping.size),
                _ => {}
            }
        }
        Some(ping)
    }

    /// How long it takes to say that no answer came; `None` if it never does.
    fn lasts(&self) -> Option<Span> {
        let wait = self.wait.unwrap_or(Span::from_secs(PING_WAIT_S));
        let all = self.count.map(|count| self.interval.times(count - 1) + wait);
        match (all, self.deadline) {
            (Some(all), Some(deadline)) => Some(all.min(deadline)),
            (all, deadline) => all.or(deadline),
        }
    }
}

/// The words of the script's command, whether it is quoted as one or not.
fn command(input: &Input, statement: &Statement) -> Vec<Word> {
    let Some([one]) = statement.words().get(1..) else { return statement.words()[1..].to_vec() };
    let inside = Input::new(input.name(), &one.text);
    let words = words::plain(&inside, inside.everything());
    words.into_iter().map(|word| Word { place: one.place, ..word }).collect()
}

/// Whether a lost carrier of the uplink is seen.
fn carrier(input: &Input, instance: &Statement) -> Given<bool> {
    let own = instance.last("interface").map_or("", Statement::argument_text);
    let tracked = instance
        .last("track_interface")
        .map(|block| block.children.iter().find(|one| one.name().text != own));
    match tracked.flatten() {
        Some(one) => Given::new(true, input.cited(one.name().place)),
        None => {
            let remark = "[C] keepalived 2.2.7 watches the interface of the adverts only: no track_interface names another";
            Given::new(false, remark)
        }
    }
}
