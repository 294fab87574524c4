//! What the operating system knows of this process: CPU time and peak memory. Only for `run-info.json` and the last
//! lines of the summary.

/// CPU seconds that all threads of this process have used; `None` where `/proc` does not tell.
pub(super) fn cpu_seconds() -> Option<f64> {
    // Ticks of 1/100 s: USER_HZ, fixed in Linux's interface (proc_pid_stat(5)).
    const TICKS_PER_SECOND: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The command's name is in parentheses and may hold anything; fields 14 and 15 are counted from behind it.
    let fields: Vec<&str> = stat.rsplit(')').next()?.split_whitespace().collect();
    let user: f64 = fields.get(11)?.parse().ok()?;
    let system: f64 = fields.get(12)?.parse().ok()?;
    Some((user + system) / TICKS_PER_SECOND)
}

/// Largest resident memory so far, bytes; `None` where `/proc` does not tell.
pub(super) fn peak_memory_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}
