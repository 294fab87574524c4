//! The `tinsel` command: hands over to [`tinsel::cli`].

fn main() -> std::process::ExitCode {
    tinsel::cli::main()
}
