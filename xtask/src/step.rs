//! One external command: shown before it runs, timed, and on failure named with the line that runs it alone.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How often a step is looked at.
const POLL: Duration = Duration::from_millis(50);
/// How long a step may take to end by itself after its limit, if it can notice.
const GRACE: Duration = Duration::from_secs(8);

/// A command with the directory and the variables it needs.
pub struct Step {
    name: String,
    program: OsString,
    arguments: Vec<OsString>,
    variables: Vec<(String, OsString)>,
    directory: PathBuf,
    limit: Option<Duration>,
    ends_with_us: bool,
}

/// Why the checks stopped.
#[derive(Debug)]
pub struct Failure {
    /// What failed, and how.
    pub what: String,
    /// What to type or to install.
    pub remedy: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n       {}", self.what, self.remedy)
    }
}

impl Step {
    /// A step called `name` that runs `program` in `directory`.
    pub fn new(name: &str, program: impl Into<OsString>, directory: &Path) -> Self {
        Step {
            name: name.to_owned(),
            program: program.into(),
            arguments: Vec::new(),
            variables: Vec::new(),
            directory: directory.to_path_buf(),
            limit: None,
            ends_with_us: false,
        }
    }

    /// A step that runs the cargo that runs this program, in `directory`.
    pub fn cargo(name: &str, directory: &Path) -> Self {
        Step::new(name, std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()), directory)
    }

    /// Adds arguments.
    pub fn arguments<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(mut self, arguments: I) -> Self {
        self.arguments.extend(arguments.into_iter().map(|argument| argument.as_ref().to_owned()));
        self
    }

    /// Sets an environment variable for the command.
    pub fn variable(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.variables.push((name.to_owned(), value.into()));
        self
    }

    /// Ends the command, and fails, after this long.
    pub fn within(mut self, limit: Duration) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Says that the command ends by itself when its standard input is closed: when its limit has come, or when this
    /// program is gone, for whatever reason.
    pub fn ends_with_us(mut self) -> Self {
        self.ends_with_us = true;
        self
    }

    /// Runs the command with its output on ours.
    pub fn run(&self) -> Result<(), Failure> {
        println!("\n== {}: {}", self.name, self.command_line());
        #[expect(clippy::disallowed_methods, reason = "how long a check took, for whoever waits for it")]
        let started = Instant::now();
        match self.wait().map_err(|error| self.failure(&format!("did not start: {error}")))? {
            Some(status) if status.success() => {}
            Some(status) => return Err(self.failure(&format!("failed ({status})"))),
            None => {
                let limit = self.limit.unwrap_or_default().as_secs();
                return Err(self.failure(&format!("was ended: it had not finished after {limit} s")));
            }
        }
        println!("== {}: good, {:.0} s", self.name, started.elapsed().as_secs_f64());
        Ok(())
    }

    /// Runs the command unseen; its standard output if it succeeded, nothing if it failed or does not exist.
    pub fn output(&self) -> Option<String> {
        let output = self.command().stderr(Stdio::null()).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// Runs the command to its end or its limit; `None` if that was its limit.
    fn wait(&self) -> std::io::Result<Option<ExitStatus>> {
        let mut command = self.command();
        if self.ends_with_us {
            command.stdin(Stdio::piped());
        }
        let mut child = command.spawn()?;
        // Held here: `Child::wait` closes it first.
        let input = child.stdin.take();
        if let Some(status) = wait_at_most(&mut child, self.limit.unwrap_or(Duration::MAX))? {
            return Ok(Some(status));
        }
        drop(input);
        if !self.ends_with_us || wait_at_most(&mut child, GRACE)?.is_none() {
            child.kill()?;
            child.wait()?;
        }
        Ok(None)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).current_dir(&self.directory).stdin(Stdio::null());
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    fn failure(&self, how: &str) -> Failure {
        Failure {
            what: format!("the step `{}` {how}", self.name),
            remedy: format!("to run it alone, in the repository's root: {}", self.command_line()),
        }
    }

    /// The step as one would type it in a POSIX shell.
    fn command_line(&self) -> String {
        let variables = self.variables.iter().map(|(name, value)| format!("{name}={}", quoted(value)));
        // The full path of the toolchain's cargo would only hide the command.
        let program = match Path::new(&self.program).file_stem() {
            Some(stem) if stem == "cargo" => OsStr::new("cargo"),
            _ => self.program.as_os_str(),
        };
        let words =
            std::iter::once(program).chain(self.arguments.iter().map(OsString::as_os_str)).map(quoted);
        variables.chain(words).collect::<Vec<_>>().join(" ")
    }
}

/// Waits for `child` this long at most; `None` if it is still running.
fn wait_at_most(child: &mut Child, limit: Duration) -> std::io::Result<Option<ExitStatus>> {
    #[expect(clippy::disallowed_methods, reason = "a limit in the time of whoever waits")]
    let started = Instant::now();
    loop {
        let status = child.try_wait()?;
        if status.is_some() || started.elapsed() >= limit {
            return Ok(status);
        }
        std::thread::sleep(POLL);
    }
}

fn quoted(word: &(impl AsRef<OsStr> + ?Sized)) -> String {
    let word = word.as_ref().to_string_lossy();
    let plain = |c: char| c.is_alphanumeric() || "-_./:=@,+\\".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.into_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_step_names_itself_and_the_line_that_repeats_it() {
        let step = Step::cargo("format", Path::new("."))
            .arguments(["no-such-subcommand", "two words"])
            .variable("RUSTDOCFLAGS", "-D warnings");
        let failure = step.run().expect_err("there is no such subcommand");
        assert!(failure.what.contains("`format`"), "{failure}");
        let line = "RUSTDOCFLAGS='-D warnings' cargo no-such-subcommand 'two words'";
        assert!(failure.remedy.ends_with(line), "{failure}");
    }

    #[cfg(unix)]
    #[test]
    fn a_step_with_a_limit_is_ended_and_may_see_it_coming() {
        let root = std::env::temp_dir().join(format!("xtask-step-{}", std::process::id()));
        std::fs::create_dir_all(&root).unwrap();
        let limit = Duration::from_millis(100);
        let failure = Step::new("slow", "sleep", &root).arguments(["60"]).within(limit).run();
        assert!(failure.expect_err("it takes a minute").what.contains("was ended"));
        let script = "read -r line; touch noticed";
        let failure =
            Step::new("slow", "sh", &root).arguments(["-c", script]).within(limit).ends_with_us().run();
        assert!(failure.is_err());
        assert!(root.join("noticed").exists());
        let quick = Step::new("quick", "true", &root).within(Duration::from_secs(60)).ends_with_us();
        assert!(quick.run().is_ok());
        std::fs::remove_dir_all(&root).unwrap();
    }

    #[test]
    fn a_program_that_does_not_exist_is_a_failure_and_not_a_panic() {
        let step = Step::new("nothing", "tinsel-no-such-program", Path::new("."));
        assert!(step.run().expect_err("no such program").what.contains("did not start"));
        assert_eq!(step.output(), None);
    }
}
