//! `cargo xtask lab`: real daemons' failover, measured on this machine and compared with tinsel.
//!
//! The measuring is done by `tests/lab/harness/lab.py`, inside namespaces of its own; here is what surrounds it: whether it is
//! possible, the packages it needs, the time it may take, and what becomes of its trials. The comparison is a test,
//! `tests/lab`, which reads the trials where `TINSEL_LAB` says.

mod packages;
mod summary;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::checks::target_directory;
use crate::step::{Failure, Step};

/// What is measured: kind, configuration, fault, replicas side by side, trials of each. The slowest takes four minutes.
const SETS: [&str; 4] = [
    "frrbfd:300x3:blackhole:2:15",
    "frrospf:1x4:blackhole:3:9",
    "keepalived:1000:blackhole:2:15",
    "keepalived:1000:sigterm:2:10",
];

/// The whole command.
const WHOLE_MAX: Duration = Duration::from_secs(600);
/// The trials: more than they need on an idle machine.
const MEASURE_MAX: Duration = Duration::from_secs(330);
/// Less time than this gives too few trials to compare with anything.
const MEASURE_MIN: Duration = Duration::from_secs(150);
/// What the harness gets beyond its own limit, to end what it started.
const MEASURE_GRACE: Duration = Duration::from_secs(10);
/// What the comparison needs once it is compiled.
const COMPARE_MAX: Duration = Duration::from_secs(60);
/// The one C file.
const GCC_MAX: Duration = Duration::from_secs(30);

const HARNESS: &str = "tests/lab/harness";

/// Which halves to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Extent {
    Everything,
    MeasureOnly,
    CompareOnly,
}

/// What the command line asks for.
#[derive(PartialEq, Eq, Debug)]
pub struct Options {
    extent: Extent,
    out: PathBuf,
}

impl Options {
    /// Reads what follows `lab`; `None` if it is not understood.
    pub fn read(root: &Path, arguments: &[&str]) -> Option<Options> {
        let mut options = Options { extent: Extent::Everything, out: target_directory(root).join("lab") };
        let mut rest = arguments;
        while let [first, others @ ..] = rest {
            rest = others;
            match *first {
                "--measure-only" if options.extent == Extent::Everything => {
                    options.extent = Extent::MeasureOnly;
                }
                "--compare-only" if options.extent == Extent::Everything => {
                    options.extent = Extent::CompareOnly;
                }
                "--out" => {
                    let (out, others) = rest.split_first()?;
                    options.out = std::path::absolute(out).ok()?;
                    rest = others;
                }
                _ => return None,
            }
        }
        Some(options)
    }
}

/// Measures and compares, as far as `options` say; says why, if this machine cannot.
pub fn run(root: &Path, options: &Options) -> Result<(), Failure> {
    let deadline = Deadline::start(WHOLE_MAX);
    if options.extent != Extent::CompareOnly {
        if let Some(why) = obstacle(root) {
            println!("\nxtask: the laboratory was SKIPPED, nothing was measured: {why}");
            return Ok(());
        }
        let labd = compile_labd(root)?;
        if options.extent == Extent::Everything {
            // Before the trials: the compiler's load would be measured with them.
            let limit = deadline.left().saturating_sub(MEASURE_MIN + MEASURE_GRACE + COMPARE_MAX);
            comparison(root, &["--no-run"]).within(limit).run()?;
        }
        measure(root, &options.out, &labd, &deadline)?;
    }
    summary::print(&options.out)?;
    match options.extent {
        Extent::MeasureOnly => println!("\nxtask: trials are in {}", options.out.display()),
        Extent::Everything | Extent::CompareOnly => {
            compare(root, &options.out, deadline.left())?;
            println!("\nxtask: measured and compared; trials are in {}", options.out.display());
        }
    }
    Ok(())
}

/// Why nothing can be measured here, after installing what can be installed.
fn obstacle(root: &Path) -> Option<String> {
    if !cfg!(target_os = "linux") {
        return Some("it needs Linux's network namespaces".to_owned());
    }
    if Step::new("", "id", root).arguments(["-u"]).output().is_none_or(|id| id != "0") {
        let xtask = std::env::current_exe().unwrap_or_else(|_| "target/debug/xtask".into());
        return Some(format!(
            "it needs root, for network namespaces. For example: sudo {} lab --measure-only, and then \
             cargo xtask lab --compare-only",
            xtask.display()
        ));
    }
    if let Err(error) = fs::File::options().read(true).write(true).open("/dev/net/tun") {
        return Some(format!("it needs /dev/net/tun: {error}"));
    }
    if let Some(why) = packages::install_missing(root) {
        return Some(why);
    }
    let answer = harness("", root).arguments(["--check"]).output();
    match answer.as_deref() {
        Some("ok") => None,
        Some(why) => Some(format!("namespaces and what is in them are not allowed here: {why}")),
        None => {
            Some(format!("{HARNESS}/lab.py does not run: see what `python3 {HARNESS}/lab.py --check` says"))
        }
    }
}

fn harness(name: &str, root: &Path) -> Step {
    Step::new(name, "python3", root).arguments([format!("{HARNESS}/lab.py")])
}

fn compile_labd(root: &Path) -> Result<PathBuf, Failure> {
    let directory = target_directory(root).join("xtask-lab");
    fs::create_dir_all(&directory).map_err(|error| cannot("make", &directory, &error))?;
    let labd = directory.join("labd");
    Step::new("the wires", "gcc", root)
        .arguments(["-O2", "-Wall", "-o"])
        .arguments([labd.as_os_str(), format!("{HARNESS}/labd.c").as_ref()])
        .within(GCC_MAX)
        .run()?;
    Ok(labd)
}

fn measure(root: &Path, out: &Path, labd: &Path, deadline: &Deadline) -> Result<(), Failure> {
    let limit = deadline.left().saturating_sub(MEASURE_GRACE + COMPARE_MAX).min(MEASURE_MAX);
    if limit < MEASURE_MIN {
        return Err(Failure {
            what: format!("no time is left to measure, of {} s for everything", WHOLE_MAX.as_secs()),
            remedy: "run it again: what is installed and compiled stays so".to_owned(),
        });
    }
    clear(out)?;
    harness("trials", root)
        .arguments(["--until-stdin-closes", "--seconds", &limit.as_secs().to_string(), "--labd"])
        .arguments([labd.as_os_str(), "--out".as_ref(), out.as_os_str()])
        .arguments(SETS.iter().flat_map(|set| ["--set", set]))
        .ends_with_us()
        .within(limit + MEASURE_GRACE)
        .run()
}

/// Holds the trials in `out` against tinsel.
fn compare(root: &Path, out: &Path, limit: Duration) -> Result<(), Failure> {
    comparison(root, &["--", "--ignored", "--nocapture", "this_machine"])
        .variable("TINSEL_LAB", out)
        .within(limit)
        .run()
}

fn comparison(root: &Path, arguments: &[&str]) -> Step {
    Step::cargo("comparison", root).arguments(["test", "--release", "--test", "lab"]).arguments(arguments)
}

/// Removes an earlier laboratory's trials from `out`; refuses if anything else is there.
fn clear(out: &Path) -> Result<(), Failure> {
    let data = out.join("data");
    let tables: Vec<String> = SETS.iter().map(|set| format!("{}.csv", series(set))).collect();
    let tables: Vec<&str> = tables.iter().map(String::as_str).collect();
    for (directory, ours) in [(out, &["data", "logs", "manifest.json"][..]), (&data, &tables)] {
        for path in entries(directory)? {
            if !ours.iter().any(|name| path.ends_with(name)) {
                return Err(Failure {
                    what: format!("{} is not from an earlier `cargo xtask lab`", path.display()),
                    remedy: "name another directory: --out DIR".to_owned(),
                });
            }
        }
    }
    for path in entries(out)? {
        let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        removed.map_err(|error| cannot("remove", &path, &error))?;
    }
    Ok(())
}

/// What is in `directory`; nothing if it does not exist.
fn entries(directory: &Path) -> Result<Vec<PathBuf>, Failure> {
    let unreadable = |error: std::io::Error| cannot("read", directory, &error);
    match fs::read_dir(directory) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(unreadable(error)),
        Ok(found) => found.map(|entry| entry.map(|entry| entry.path()).map_err(unreadable)).collect(),
    }
}

/// The name of a set's series: kind, configuration and fault.
fn series(set: &str) -> String {
    set.split(':').take(3).collect::<Vec<_>>().join("_")
}

fn cannot(verb: &str, path: &Path, error: &std::io::Error) -> Failure {
    Failure {
        what: format!("failed to {verb} {}: {error}", path.display()),
        remedy: "see to it, or name another directory: --out DIR".to_owned(),
    }
}

/// An instant by which everything is to be over.
struct Deadline {
    started: Instant,
    limit: Duration,
}

impl Deadline {
    fn start(limit: Duration) -> Self {
        #[expect(clippy::disallowed_methods, reason = "the time that somebody waits for the laboratory")]
        Deadline { started: Instant::now(), limit }
    }

    fn left(&self) -> Duration {
        self.limit.saturating_sub(self.started.elapsed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_understood_or_refused() {
        let root = Path::new("/repository");
        let read = |arguments: &[&str]| Options::read(root, arguments);
        assert_eq!(read(&[]).unwrap().extent, Extent::Everything);
        let options = read(&["--measure-only", "--out", "/tmp/lab"]).unwrap();
        assert_eq!(options, Options { extent: Extent::MeasureOnly, out: "/tmp/lab".into() });
        assert!(read(&["--out", "lab"]).unwrap().out.is_absolute());
        for bad in [&["--out"][..], &["--measure-only", "--compare-only"], &["frr"]] {
            assert_eq!(read(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn only_an_earlier_laboratory_is_replaced() {
        let out = std::env::temp_dir().join(format!("xtask-lab-{}", std::process::id()));
        let data = out.join("data");
        clear(&out).unwrap();
        fs::create_dir_all(&data).unwrap();
        let [ours, theirs] = ["frrospf_1x4_blackhole.csv", "thesis.csv"].map(|name| data.join(name));
        fs::write(&ours, "").unwrap();
        fs::write(&theirs, "").unwrap();
        assert!(clear(&out).expect_err("somebody else's").what.contains("thesis.csv"));
        assert!(ours.exists());
        fs::remove_file(theirs).unwrap();
        clear(&out).unwrap();
        assert!(!data.exists());
        fs::remove_dir_all(&out).unwrap();
    }

    #[test]
    fn even_slow_preparations_leave_time_for_trials() {
        let preparations = packages::LIST_MAX + packages::DOWNLOAD_MAX + GCC_MAX;
        assert!(preparations + MEASURE_MIN + MEASURE_GRACE + COMPARE_MAX < WHOLE_MAX);
    }
}
