//! Which faults are in force, and how often each has struck.

use super::{Fault, What, Where};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Instant;

/// The faults of a running sandbox. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    active: Arc<Mutex<Vec<Active>>>,
}

#[derive(Debug)]
struct Active {
    fault: Fault,
    since: Instant,
    seen: u64,
    struck: u64,
    dice: StdRng,
}

/// The request a fault may strike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Session,
    Presign,
    Complete,
    S3,
}

impl Where {
    fn covers(self, endpoint: Endpoint) -> bool {
        match self {
            Self::Session => endpoint == Endpoint::Session,
            Self::Presign => endpoint == Endpoint::Presign,
            Self::Complete => endpoint == Endpoint::Complete,
            Self::Backend => endpoint != Endpoint::S3,
            Self::S3 => endpoint == Endpoint::S3,
        }
    }
}

impl Faults {
    fn lock(&self) -> MutexGuard<'_, Vec<Active>> {
        self.active.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Puts a fault in force, behind those that already are.
    pub fn add(&self, fault: Fault) {
        let dice = StdRng::seed_from_u64(fault.seed);
        self.lock().push(Active { fault, since: Instant::now(), seen: 0, struck: 0, dice });
    }

    /// Lifts all faults and forgets their counts.
    pub fn clear(&self) {
        self.lock().clear();
    }

    /// Each fault with the number of times it struck, in the order they were added. Those that are used up stay in the list.
    pub fn list(&self) -> Vec<(Fault, u64)> {
        self.lock().iter().map(|active| (active.fault.clone(), active.struck)).collect()
    }

    /// How often any fault struck since the last `clear`.
    pub fn struck(&self) -> u64 {
        self.lock().iter().map(|active| active.struck).sum()
    }

    /// Whether any fault is meant for a path, so that it is worth finding out.
    pub(crate) fn ask_for_paths(&self) -> bool {
        self.lock().iter().any(|active| active.fault.path.is_some())
    }

    /// The first fault that strikes this request. `touches` says whether the request has to do with a path.
    pub(crate) fn strike(&self, endpoint: Endpoint, touches: impl Fn(&str) -> bool) -> Option<Strike> {
        let now = Instant::now();
        self.lock().iter_mut().find_map(|active| {
            let fault = &active.fault;
            let applies = fault.at.covers(endpoint)
                && fault.times.is_none_or(|times| active.struck < times)
                && fault.lasts.is_none_or(|lasts| now.duration_since(active.since) < lasts)
                && fault.path.as_deref().is_none_or(&touches);
            if !applies {
                return None;
            }
            active.seen += 1;
            let strikes =
                active.seen > fault.skip && (fault.probability >= 1.0 || active.dice.random_bool(fault.probability));
            strikes.then(|| {
                active.struck += 1;
                Strike { what: fault.what.clone(), path: fault.path.clone() }
            })
        })
    }
}

/// A fault that strikes this request.
#[derive(Debug, Clone)]
pub(crate) struct Strike {
    pub(crate) what: What,
    pub(crate) path: Option<String>,
}

impl Strike {
    /// For faults of single files in a batch.
    pub(crate) fn touches(&self, path: &str) -> bool {
        self.path.as_deref().is_none_or(|part| path.contains(part))
    }

    pub(crate) fn is_for_a_path(&self) -> bool {
        self.path.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::{Endpoint, Fault, Faults, What, Where};
    use std::time::Duration;

    fn strikes(faults: &Faults, n: usize) -> Vec<bool> {
        (0..n).map(|_| faults.strike(Endpoint::S3, |_| true).is_some()).collect()
    }

    #[test]
    fn counts_skips_and_ends() {
        let faults = Faults::default();
        faults.add(Fault::new(Where::S3, What::DropBefore).skip(1).times(2));
        assert_eq!(strikes(&faults, 5), [false, true, true, false, false]);
        assert_eq!(faults.struck(), 2);
        faults.clear();
        faults.add(Fault::new(Where::S3, What::DropBefore).lasts(Duration::ZERO));
        assert_eq!(strikes(&faults, 2), [false, false]);
    }

    #[test]
    fn dice_fall_alike_for_a_seed() {
        let roll = |seed| {
            let faults = Faults::default();
            faults.add(Fault::new(Where::S3, What::DropBefore).probability(0.5, seed));
            strikes(&faults, 64)
        };
        assert_eq!(roll(1), roll(1));
        assert_ne!(roll(1), roll(2));
        assert!(roll(1).contains(&true) && roll(1).contains(&false));
    }

    #[test]
    fn only_where_and_whom_it_is_for() {
        let faults = Faults::default();
        faults.add(Fault::new(Where::Backend, What::DropBefore).path("a/"));
        assert!(faults.strike(Endpoint::S3, |_| true).is_none());
        assert!(faults.strike(Endpoint::Presign, |part| "b/x".contains(part)).is_none());
        assert!(faults.strike(Endpoint::Complete, |part| "a/x".contains(part)).is_some());
    }
}
