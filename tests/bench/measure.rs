//! Clocks, CPU seconds and memory, and what to make of several rounds.

use std::path::Path;

/// CPU seconds (user and system, all threads) of a process so far; `None` where there is no /proc.
pub(crate) fn cpu_of(pid: u32) -> Option<f64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in brackets may hold blanks: count from its end. utime and stime are fields 14 and 15.
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks: u64 = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    Some(ticks as f64 / 100.0)
}

/// Processes of a group, with their names.
#[cfg(target_os = "linux")]
pub(crate) fn processes_of(group: u32) -> Vec<(u32, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(process) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        let Ok(stat) = std::fs::read_to_string(entry.path().join("stat")) else { continue };
        let Some((before, after)) = stat.rsplit_once(')') else { continue };
        // After the name in brackets: state, parent, group.
        if after.split_whitespace().nth(2).and_then(|word| word.parse().ok()) == Some(group) {
            let name = before.split_once('(').map_or("", |(_, name)| name).to_owned();
            found.push((process, name));
        }
    }
    found
}

/// Resident memory of a process in MB.
#[cfg(target_os = "linux")]
pub(crate) fn resident(process: u32) -> Option<f64> {
    let text = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = text.lines().find(|line| line.starts_with("VmRSS:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<f64>().ok()? * 1024.0 / 1e6)
}

/// CPU seconds of children that ended and were waited for.
pub(crate) fn cpu_of_ended_children() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks: u64 = fields.get(13)?.parse::<u64>().ok()? + fields.get(14)?.parse::<u64>().ok()?;
    Some(ticks as f64 / 100.0)
}

pub(crate) fn own_cpu() -> f64 {
    cpu_of(std::process::id()).unwrap_or(f64::NAN)
}

/// Memory of this process in MB: (now, at most since `forget_peak`).
pub(crate) fn memory() -> Option<(f64, f64)> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let field = |name: &str| -> Option<f64> {
        let line = text.lines().find(|line| line.starts_with(name))?;
        Some(line.split_whitespace().nth(1)?.parse::<f64>().ok()? * 1024.0 / 1e6)
    };
    Some((field("VmRSS:")?, field("VmHWM:")?))
}

/// Peak memory is counted from now on.
pub(crate) fn forget_peak() {
    // Not every system lets it be forgotten; the peak is then that of the whole process, which is not less.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

pub(crate) fn peak() -> f64 {
    memory().map_or(f64::NAN, |(_, peak)| peak)
}

/// Several rounds of one thing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rounds(Vec<f64>);

impl Rounds {
    pub(crate) fn push(&mut self, value: f64) {
        self.0.push(value);
    }

    pub(crate) fn median(&self) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        match sorted.len() {
            0 => f64::NAN,
            n if n % 2 == 1 => sorted[n / 2],
            n => f64::midpoint(sorted[n / 2 - 1], sorted[n / 2]),
        }
    }

    pub(crate) fn largest(&self) -> f64 {
        self.0.iter().copied().fold(f64::NAN, f64::max)
    }

    /// Median, smallest and largest, with so many decimals.
    pub(crate) fn show(&self, unit: &str, decimals: usize) -> String {
        let smallest = self.0.iter().copied().fold(f64::NAN, f64::min);
        format!("{:.decimals$} {unit} ({smallest:.decimals$} to {:.decimals$})", self.median(), self.largest())
    }
}

/// Cores, class of CPU, memory, system.
pub(crate) fn machine() -> String {
    let field = |path: &str, name: &str| -> Option<String> {
        let text = std::fs::read_to_string(Path::new(path)).ok()?;
        Some(text.lines().find(|line| line.starts_with(name))?.split_once(':')?.1.trim().to_owned())
    };
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let cpu = field("/proc/cpuinfo", "model name").unwrap_or_else(|| std::env::consts::ARCH.to_owned());
    let memory = field("/proc/meminfo", "MemTotal")
        .and_then(|text| text.split_whitespace().next()?.parse::<f64>().ok())
        .map_or(String::new(), |kilobytes| format!(", {:.0} GB of memory", kilobytes * 1024.0 / 1e9));
    format!("{cores} cores, {cpu}{memory}, {}", std::env::consts::OS)
}
