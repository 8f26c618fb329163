//! One limit in bytes a second for all uploads together, changeable while they run.
//!
//! Not governor: its rate is fixed at construction, and those already waiting would wait out the old one.

use std::time::Duration;
use tokio::sync::{Mutex, watch};
use tokio::time::Instant;

/// Idle time is saved up to this long, so that the average holds without a burst anyone notices.
const SAVED: Duration = Duration::from_millis(100);

/// A token bucket that may go into debt: a piece goes out once nothing is owed, and its bytes are owed from then on. Pure.
#[derive(Debug)]
struct Bucket {
    /// Bytes that may go out now; below zero: owed.
    credit: f64,
    at: Instant,
}

#[expect(clippy::cast_precision_loss, reason = "a rate in bytes a second is far below 2^53")]
impl Bucket {
    /// Time until the next piece may go; `None` when it may go now.
    fn wait(&mut self, rate: u64, now: Instant) -> Option<Duration> {
        let rate = rate.max(1) as f64;
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.at = now;
        self.credit = (self.credit + passed * rate).min(rate * SAVED.as_secs_f64());
        // Half a byte counts as nothing: rounding must not make a wait of zero go round for ever.
        if self.credit > -0.5 {
            return None;
        }
        Some(Duration::try_from_secs_f64(-self.credit / rate).unwrap_or(Duration::MAX))
    }

    fn spend(&mut self, bytes: usize) {
        self.credit -= bytes as f64;
    }
}

/// The limit all uploads share.
#[derive(Debug)]
pub struct Bandwidth {
    rate: watch::Sender<Option<u64>>,
    /// Held by the one that waits; tokio's mutex queues the others in order, so no upload starves.
    bucket: Mutex<Bucket>,
}

impl Bandwidth {
    /// Bytes a second; `None`: no limit.
    pub fn new(rate: Option<u64>) -> Self {
        Self { rate: watch::Sender::new(rate), bucket: Mutex::new(Bucket { credit: 0.0, at: Instant::now() }) }
    }

    /// Sets the limit in bytes a second; takes effect at once, also for those already waiting. Zero counts as one byte a second.
    pub fn set(&self, rate: Option<u64>) {
        self.rate.send_replace(rate);
    }

    /// The limit in bytes a second.
    pub fn rate(&self) -> Option<u64> {
        *self.rate.borrow()
    }

    /// Bytes to hand over in one go, so that a slow limit gives many small steps instead of long silences: S3 closes a
    /// connection that stands still for about 20 s.
    pub fn piece(&self) -> usize {
        match self.rate() {
            None => usize::MAX,
            Some(rate) => usize::try_from(rate / 20).unwrap_or(usize::MAX).clamp(512, 64 * 1024),
        }
    }

    /// Waits until `bytes` more may go out. Dropping the future gives the turn to the next.
    pub async fn take(&self, bytes: usize) {
        let mut rate = self.rate.subscribe();
        if rate.borrow_and_update().is_none() {
            return;
        }
        let mut bucket = self.bucket.lock().await;
        loop {
            let now = rate.borrow_and_update().to_owned();
            let Some(limit) = now else {
                bucket.credit = 0.0;
                return;
            };
            let Some(wait) = bucket.wait(limit, Instant::now()) else {
                bucket.spend(bytes);
                return;
            };
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                // The sender lives in self: this can't fail while we run.
                _ = rate.changed() => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    /// Bytes let through in `seconds` of simulated time, pieces of `piece` bytes, waking `late` after each wait.
    fn through(rate: u64, piece: usize, seconds: f64, late: Duration) -> f64 {
        let start = Instant::now();
        let mut bucket = Bucket { credit: 0.0, at: start };
        let (mut now, mut bytes) = (start, 0.0);
        let end = start + Duration::from_secs_f64(seconds);
        while now < end {
            match bucket.wait(rate, now) {
                None => {
                    bucket.spend(piece);
                    bytes += piece as f64;
                }
                Some(wait) => now += wait + late,
            }
        }
        bytes
    }

    #[test]
    fn the_rate_holds_within_five_percent() {
        for rate in [50_000, 1_000_000, 12_500_000, 1_000_000_000] {
            for late_us in [0, 1_000, 15_000] {
                let bandwidth = Bandwidth::new(Some(rate));
                let bytes = through(rate, bandwidth.piece(), 5.0, Duration::from_micros(late_us));
                let share = bytes / (rate as f64 * 5.0);
                assert!((0.95..=1.05).contains(&share), "{rate} B/s, {late_us} us late: {share}");
            }
        }
    }

    #[test]
    fn idle_time_is_not_saved_up() {
        let start = Instant::now();
        let mut bucket = Bucket { credit: 0.0, at: start };
        let later = start + Duration::from_secs(3_600);
        assert_eq!(bucket.wait(1_000, later), None);
        bucket.spend(1_100);
        assert_eq!(bucket.wait(1_000, later), Some(Duration::from_secs(1)));
    }

    #[tokio::test]
    async fn a_new_limit_frees_those_who_wait() {
        let bandwidth = Arc::new(Bandwidth::new(Some(1)));
        bandwidth.take(1_000_000).await;
        let waiting: Vec<_> = (0..4)
            .map(|_| {
                let bandwidth = Arc::clone(&bandwidth);
                tokio::spawn(async move { bandwidth.take(1_000).await })
            })
            .collect();
        // Eleven days to go at one byte a second.
        tokio::task::yield_now().await;
        assert!(waiting.iter().all(|task| !task.is_finished()));
        bandwidth.set(None);
        for task in waiting {
            tokio::time::timeout(Duration::from_secs(20), task).await.unwrap().unwrap();
        }
    }

    #[tokio::test]
    async fn a_waiter_that_gives_up_lets_the_next_one_in() {
        let bandwidth = Arc::new(Bandwidth::new(Some(1)));
        bandwidth.take(1_000_000).await;
        let first = tokio::spawn({
            let bandwidth = Arc::clone(&bandwidth);
            async move { bandwidth.take(1).await }
        });
        tokio::task::yield_now().await;
        first.abort();
        bandwidth.set(Some(u64::MAX));
        tokio::time::timeout(Duration::from_secs(20), bandwidth.take(1)).await.unwrap();
        assert_eq!(bandwidth.rate(), Some(u64::MAX));
    }
}
