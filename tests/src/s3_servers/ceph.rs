//! Ceph's object gateway (Debian: radosgw, ceph-mon, ceph-osd): one monitor, one store in memory, one gateway.

use super::{Alive, LOOK_AGAIN, PATIENCE, Running, free_ports, made_up_keys, on_path, until_it_listens};
use crate::desktop::Owned;
use std::ffi::OsStr;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::process::Command;
use uuid::Uuid;

/// What the deviations in the suite are of.
const VERSION: &str = "16.2.";
const PROGRAMS: [&str; 6] = ["ceph", "ceph-mon", "ceph-osd", "monmaptool", "radosgw", "radosgw-admin"];
/// The store's start races with the monitors' first map, and ends where it loses.
const TRIES: usize = 10;
/// For one answer of the monitor.
const ONE_QUESTION: Duration = Duration::from_secs(10);

pub(super) fn missing() -> Option<String> {
    if let Some(program) = PROGRAMS.into_iter().find(|program| !on_path(program)) {
        return Some(format!("{program} is not installed (Debian: radosgw ceph-mon ceph-osd)"));
    }
    let asked = std::process::Command::new("radosgw").arg("--version").output();
    let said = asked.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    let version = said.split_whitespace().nth(2).unwrap_or("unknown");
    (!version.starts_with(VERSION)).then(|| format!("Ceph is {version}; what it answers is known of {VERSION}x only"))
}

pub(super) async fn start(dir: tempfile::TempDir) -> Running {
    let cluster = Cluster { dir: dir.path().to_owned(), ports: free_ports() };
    std::fs::write(cluster.path("ceph.conf"), cluster.config()).unwrap();
    let mut mon = cluster.monitor().await;
    let osd = cluster.store(&mut mon).await;
    let signer = made_up_keys();
    // Waits until the store is up, as every request does.
    let user = ["user", "create", "--uid=tests", "--display-name=tests"].map(str::to_owned);
    let keys = [format!("--access-key={}", signer.access_key), format!("--secret-key={}", signer.secret_key)];
    cluster.run("radosgw-admin", user.into_iter().chain(keys).collect::<Vec<_>>()).await;
    let mut rgw = cluster.process("radosgw", &[]);
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, cluster.ports[1]));
    until_it_listens(address, &mut rgw).await;
    let alive = Alive::Processes { _processes: vec![rgw, osd, mon] };
    Running { address, bucket: "photos".to_owned(), signer, _alive: alive, _dir: dir }
}

struct Cluster {
    dir: PathBuf,
    /// Monitor, gateway.
    ports: [u16; 2],
}

impl Cluster {
    fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// Everything below the directory, everything on loopback, no keys between the parts, one copy of each object.
    /// Without `mon_data_avail_crit = 0` a monitor ends without a word (28, ENOSPC) where 95 % of the disk are used, however much that leaves.
    /// <https://docs.ceph.com/en/pacific/rados/configuration/>
    fn config(&self) -> String {
        let (dir, [monitor, gateway]) = (self.dir.display(), self.ports);
        format!(
            "[global]
            fsid = {fsid}
            mon_host = v1:127.0.0.1:{monitor}
            ms_bind_msgr2 = false
            public_network = 127.0.0.0/8
            public_addr = 127.0.0.1
            cluster_addr = 127.0.0.1
            auth_cluster_required = none
            auth_service_required = none
            auth_client_required = none
            osd_pool_default_size = 1
            osd_pool_default_min_size = 1
            osd_pool_default_pg_num = 1
            osd_pool_default_pgp_num = 1
            osd_pool_default_pg_autoscale_mode = off
            osd_crush_chooseleaf_type = 0
            mon_allow_pool_size_one = true
            osd_objectstore = memstore
            memstore_device_bytes = 1073741824
            osd_class_load_list = *
            osd_class_default_list = *
            run_dir = {dir}
            admin_socket = {dir}/$name.asok
            log_file = {dir}/$name.log
            mon_data_avail_warn = 0
            mon_data_avail_crit = 0
            [mon.a]
            mon_data = {dir}/mon
            [osd.0]
            osd_data = {dir}/osd
            [client.rgw]
            rgw_frontends = beast endpoint=127.0.0.1:{gateway}
            rgw_data = {dir}/rgw
            rgw_enable_apis = s3
            rgw_run_sync_thread = false
            rgw_enable_gc_threads = false
            rgw_enable_lc_threads = false
            rgw_enable_quota_threads = false
            ",
            fsid = Uuid::new_v4(),
        )
        .lines()
        .map(|line| format!("{}\n", line.trim_start()))
        .collect()
    }

    async fn monitor(&self) -> Owned {
        let (map, address) = (self.path("monmap").display().to_string(), format!("[v1:127.0.0.1:{}]", self.ports[0]));
        let config = std::fs::read_to_string(self.path("ceph.conf")).unwrap();
        let fsid = config.lines().find_map(|line| line.strip_prefix("fsid = ")).unwrap().to_owned();
        self.run("monmaptool", ["--create", "--fsid", &fsid, "--addv", "a", &address, &map]).await;
        std::fs::create_dir(self.path("mon")).unwrap();
        self.run("ceph-mon", ["--id", "a", "--mkfs", "--monmap", &map]).await;
        self.process("ceph-mon", &["--id", "a"])
    }

    async fn store(&self, mon: &mut Owned) -> Owned {
        let id = Uuid::new_v4().to_string();
        self.until_taken(&["osd", "new", &id], mon).await;
        std::fs::create_dir(self.path("osd")).unwrap();
        self.run("ceph-osd", ["--id", "0", "--mkfs", "--osd-uuid", &id]).await;
        for _ in 0..TRIES {
            let mut osd = self.process("ceph-osd", &["--id", "0"]);
            // It is up, or has ended: whichever is seen first.
            loop {
                if osd.has_ended().is_some() {
                    break;
                }
                if self.output("ceph", ["osd", "stat"]).await.is_ok_and(|said| said.contains("1 up")) {
                    return osd;
                }
            }
        }
        panic!("the store does not start:\n{}", std::fs::read_to_string(self.path("ceph-osd.out")).unwrap());
    }

    fn process(&self, program: &str, words: &[&str]) -> Owned {
        let mut command = std::process::Command::new(program);
        if program == "radosgw" {
            command.args(["--name", "client.rgw"]);
        }
        command.arg("--conf").arg(self.path("ceph.conf")).args(words).arg("--foreground").stdin(Stdio::null());
        Owned::start(command.current_dir(&self.dir), &self.path(&format!("{program}.out")))
    }

    /// A monitor that has only just begun refuses what it will take in a moment.
    async fn until_taken(&self, words: &[&str], mon: &mut Owned) {
        let began = Instant::now();
        while let Err(why) = self.output("ceph", words).await {
            assert!(mon.has_ended().is_none(), "the monitor has ended:\n{}", self.logs());
            assert!(began.elapsed() < PATIENCE, "{why}\n{}", self.logs());
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    async fn run<S: AsRef<OsStr>>(&self, program: &str, words: impl IntoIterator<Item = S>) {
        if let Err(why) = self.output(program, words).await {
            panic!("{why}\n{}", self.logs());
        }
    }

    /// What it prints, or how it failed.
    async fn output<S: AsRef<OsStr>>(
        &self,
        program: &str,
        words: impl IntoIterator<Item = S>,
    ) -> Result<String, String> {
        let mut command = Command::new(program);
        command.current_dir(&self.dir).stdin(Stdio::null()).kill_on_drop(true);
        // It reads no settings, and takes none.
        if program != "monmaptool" {
            command.arg("--conf").arg(self.path("ceph.conf"));
        }
        if program == "radosgw-admin" {
            command.args(["--name", "client.rgw"]);
        }
        // A question put to a monitor that is only beginning may never be answered: the next one is.
        let patience = if program == "ceph" { ONE_QUESTION } else { PATIENCE };
        let ended = tokio::time::timeout(patience, command.args(words).output()).await;
        let output = ended.map_err(|_| format!("{program} does not end"))?.unwrap();
        if !output.status.success() {
            return Err(format!("{program} ended with {}: {}", output.status, String::from_utf8_lossy(&output.stderr)));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// The ends of all logs.
    fn logs(&self) -> String {
        let ends = std::fs::read_dir(&self.dir).unwrap().filter_map(|entry| end_of(&entry.ok()?.path()));
        ends.collect::<Vec<_>>().join("\n")
    }
}

fn end_of(path: &Path) -> Option<String> {
    let is_log = path.extension().is_some_and(|extension| extension == "log" || extension == "out");
    let text = String::from_utf8_lossy(&is_log.then(|| std::fs::read(path).ok()).flatten()?).into_owned();
    let lines: Vec<&str> = text.lines().rev().take(15).collect();
    Some(format!("{}:\n{}", path.display(), lines.into_iter().rev().collect::<Vec<_>>().join("\n")))
}
