//! How many uploads run at once: adds one after as many successes as run now, halves when a server says SlowDown. Pure.

/// Uploads at once before anything is known of the server.
pub const START: u32 = 4;
/// Upper bound unless the person sets another.
pub const DEFAULT_MAX: u32 = 16;
/// Highest bound a person can set.
pub const HIGHEST_MAX: u32 = 64;

/// Answers that were under way when a SlowDown came belong to the same overload: within this time nothing is halved twice.
const ONE_ROUND_TRIP_MS: u64 = 1_000;

/// Additive increase, multiplicative decrease. Times are milliseconds of any clock that does not run backwards.
#[derive(Debug, Clone)]
pub struct Concurrency {
    limit: u32,
    max: u32,
    successes: u32,
    halved_at_ms: Option<u64>,
}

impl Default for Concurrency {
    fn default() -> Self {
        Self::new(DEFAULT_MAX)
    }
}

impl Concurrency {
    /// Starts at 4, or at `max` where that is less. `max` is held within 1 to 64.
    pub fn new(max: u32) -> Self {
        let max = max.clamp(1, HIGHEST_MAX);
        Self { limit: START.min(max), max, successes: 0, halved_at_ms: None }
    }

    /// Uploads that may run at once now.
    pub fn limit(&self) -> u32 {
        self.limit
    }

    /// Sets the upper bound while running, held within 1 to 64; takes effect at once.
    pub fn set_max(&mut self, max: u32) {
        self.max = max.clamp(1, HIGHEST_MAX);
        self.limit = self.limit.min(self.max);
    }

    /// Counts a file that was stored.
    pub fn on_success(&mut self, now_ms: u64) {
        // Successes right after a SlowDown were started under the old limit and say nothing about the new one.
        if self.just_halved(now_ms) || self.limit >= self.max {
            return;
        }
        self.successes += 1;
        if self.successes >= self.limit {
            self.successes = 0;
            self.limit += 1;
        }
    }

    /// Halves the limit, never below 1, at most once a second.
    pub fn on_slow_down(&mut self, now_ms: u64) {
        if self.just_halved(now_ms) {
            return;
        }
        self.halved_at_ms = Some(now_ms);
        self.successes = 0;
        self.limit = (self.limit / 2).max(1);
    }

    fn just_halved(&self, now_ms: u64) -> bool {
        self.halved_at_ms.is_some_and(|at| now_ms.saturating_sub(at) < ONE_ROUND_TRIP_MS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `s`: a success, `d`: SlowDown, `.`: 100 ms pass, `,`: a second passes.
    fn run(max: u32, story: &str) -> u32 {
        let mut concurrency = Concurrency::new(max);
        let mut now_ms = 0;
        for step in story.chars() {
            match step {
                's' => concurrency.on_success(now_ms),
                'd' => concurrency.on_slow_down(now_ms),
                '.' => now_ms += 100,
                ',' => now_ms += 1_000,
                other => panic!("{other}"),
            }
            assert!((1..=max.clamp(1, HIGHEST_MAX)).contains(&concurrency.limit()), "{story}");
        }
        concurrency.limit()
    }

    #[test]
    fn the_limit_follows_the_answers() {
        let cases = [
            (16, "", 4),
            (16, "sss", 4),
            (16, "ssss", 5),
            (16, "sssssssss", 6),
            (16, "d", 2),
            (16, "dddd", 2),
            (16, "d....d", 2),
            (16, "d,d", 1),
            (16, "d,d,d,d,d", 1),
            (16, "dss", 2),
            (16, "d,ss", 3),
            (16, "sssd,ss", 3),
            (2, "", 2),
            (2, "ssssssss", 2),
            (0, "", 1),
            (1, "d,ssss", 1),
        ];
        for (max, story, wanted) in cases {
            assert_eq!(run(max, story), wanted, "max {max}, {story:?}");
        }
        assert_eq!(run(16, &"s".repeat(1_000)), 16);
        assert_eq!(run(1_000, &"s".repeat(10_000)), HIGHEST_MAX);
    }

    #[test]
    fn the_bound_can_be_set_while_running() {
        let mut concurrency = Concurrency::default();
        concurrency.set_max(2);
        assert_eq!(concurrency.limit(), 2);
        concurrency.set_max(500);
        for _ in 0..5 {
            concurrency.on_success(0);
        }
        assert_eq!(concurrency.limit(), 4);
    }
}
