//! One external command: shown before it runs, timed, and on failure named with the line that runs it alone.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// A command with the directory and the variables it needs.
pub struct Step {
    name: String,
    program: OsString,
    arguments: Vec<OsString>,
    variables: Vec<(String, OsString)>,
    directory: PathBuf,
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

    /// Runs the command with its output on ours.
    pub fn run(&self) -> Result<(), Failure> {
        println!("\n== {}: {}", self.name, self.command_line());
        #[expect(clippy::disallowed_methods, reason = "how long a check took, for whoever waits for it")]
        let started = Instant::now();
        let status =
            self.command().status().map_err(|error| self.failure(&format!("did not start: {error}")))?;
        if !status.success() {
            return Err(self.failure(&format!("failed ({status})")));
        }
        println!("== {}: good, {:.0} s", self.name, started.elapsed().as_secs_f64());
        Ok(())
    }

    /// Runs the command unseen; its standard output if it succeeded, nothing if it failed or does not exist.
    pub fn output(&self) -> Option<String> {
        let output = self.command().stderr(Stdio::null()).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
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

    #[test]
    fn a_program_that_does_not_exist_is_a_failure_and_not_a_panic() {
        let step = Step::new("nothing", "tinsel-no-such-program", Path::new("."));
        assert!(step.run().expect_err("no such program").what.contains("did not start"));
        assert_eq!(step.output(), None);
    }
}
