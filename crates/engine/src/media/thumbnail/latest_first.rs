//! Blocking work on a few threads, what was asked for last first: a person who scrolls wants what is in sight now.

use std::collections::VecDeque;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// Takes work in; every clone is the same queue.
#[derive(Clone)]
pub(super) struct LatestFirst {
    shared: Arc<Mutex<Waiting>>,
    threads: usize,
    most: usize,
}

struct Waiting {
    jobs: VecDeque<Box<dyn Job>>,
    running: usize,
}

trait Job: Send {
    /// Nobody waits for it any more.
    fn is_dropped(&self) -> bool;
    fn run(self: Box<Self>);
}

struct Asked<F, T> {
    work: F,
    answer: oneshot::Sender<T>,
}

impl<T: Send, F: FnOnce() -> T + Send> Job for Asked<F, T> {
    fn is_dropped(&self) -> bool {
        self.answer.is_closed()
    }

    fn run(self: Box<Self>) {
        // Refused where the one who asked has gone meanwhile.
        let _refused = self.answer.send((self.work)());
    }
}

impl LatestFirst {
    /// At most `threads` run at once, at most `most` wait; of more, the oldest are given up.
    pub(super) fn new(threads: usize, most: usize) -> Self {
        let waiting = Waiting { jobs: VecDeque::new(), running: 0 };
        Self { shared: Arc::new(Mutex::new(waiting)), threads, most }
    }

    /// Runs `work` when its turn comes; `None`: too many came after it. Dropped before its turn, it never runs.
    pub(super) async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let (answer, answered) = oneshot::channel();
        self.put(Box::new(Asked { work, answer }));
        answered.await.ok()
    }

    fn put(&self, job: Box<dyn Job>) {
        let mut waiting = lock(&self.shared);
        waiting.jobs.push_back(job);
        if waiting.jobs.len() > self.most {
            waiting.jobs.retain(|job| !job.is_dropped());
        }
        if waiting.jobs.len() > self.most {
            waiting.jobs.pop_front();
        }
        if waiting.running < self.threads {
            waiting.running += 1;
            let shared = self.shared.clone();
            // Ends by itself as soon as nothing waits.
            tokio::task::spawn_blocking(move || work(&shared));
        }
    }
}

impl fmt::Debug for LatestFirst {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LatestFirst").field("threads", &self.threads).field("most", &self.most).finish_non_exhaustive()
    }
}

fn work(shared: &Mutex<Waiting>) {
    while let Some(job) = next(shared) {
        if job.is_dropped() {
            continue;
        }
        // A panic costs one answer, not the thread's place. The hook has told it.
        let _told = catch_unwind(AssertUnwindSafe(|| job.run()));
    }
}

fn next(shared: &Mutex<Waiting>) -> Option<Box<dyn Job>> {
    let mut waiting = lock(shared);
    let next = waiting.jobs.pop_back();
    if next.is_none() {
        waiting.running -= 1;
    }
    next
}

fn lock(shared: &Mutex<Waiting>) -> MutexGuard<'_, Waiting> {
    // Nothing panics while it is held.
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::LatestFirst;
    use std::sync::{Arc, Mutex, mpsc};

    /// A queue whose one thread is busy until the returned end is dropped.
    async fn busy(most: usize) -> (LatestFirst, mpsc::Sender<()>) {
        let queue = LatestFirst::new(1, most);
        let (hold, held) = mpsc::channel::<()>();
        let (started, has_started) = tokio::sync::oneshot::channel();
        let clone = queue.clone();
        tokio::spawn(async move {
            clone
                .run(move || {
                    started.send(()).unwrap();
                    held.recv().unwrap_err();
                })
                .await
        });
        has_started.await.unwrap();
        (queue, hold)
    }

    #[tokio::test]
    async fn the_latest_goes_first_and_the_oldest_of_too_many_is_given_up() {
        let (queue, hold) = busy(3).await;
        let order = Arc::new(Mutex::new(Vec::new()));
        let asked = (0..5).map(|number| {
            let order = order.clone();
            queue.run(move || {
                order.lock().unwrap().push(number);
                number
            })
        });
        let all = futures::future::join_all(asked);
        let release = async move { drop(hold) };
        let (answers, ()) = futures::future::join(all, release).await;
        assert_eq!(answers, [None, None, Some(2), Some(3), Some(4)]);
        assert_eq!(*order.lock().unwrap(), [4, 3, 2]);
    }

    #[tokio::test]
    async fn what_was_dropped_before_its_turn_never_runs_and_takes_no_place() {
        let (queue, hold) = busy(2).await;
        let ran = Arc::new(Mutex::new(Vec::new()));
        let ask = |number: u32| {
            let ran = ran.clone();
            queue.run(move || ran.lock().unwrap().push(number))
        };
        let mut kept = Box::pin(ask(0));
        assert!(futures::poll!(&mut kept).is_pending());
        for number in 1..100 {
            let mut dropped = Box::pin(ask(number));
            assert!(futures::poll!(&mut dropped).is_pending());
        }
        drop(hold);
        assert_eq!(kept.await, Some(()));
        assert_eq!(*ran.lock().unwrap(), [0]);
    }

    #[tokio::test]
    async fn a_panic_costs_one_answer() {
        let queue = LatestFirst::new(1, 10);
        let none: Option<()> = queue.run(|| panic!("this one is meant")).await;
        assert_eq!(none, None);
        assert_eq!(queue.run(|| 7).await, Some(7));
    }

    #[tokio::test]
    async fn never_more_threads_than_allowed() {
        let queue = LatestFirst::new(2, 1000);
        let counts = Arc::new(Mutex::new((0, 0)));
        let asked = (0..200).map(|_| {
            let counts = counts.clone();
            queue.run(move || {
                {
                    let mut counts = counts.lock().unwrap();
                    counts.0 += 1;
                    counts.1 = counts.1.max(counts.0);
                }
                std::thread::yield_now();
                counts.lock().unwrap().0 -= 1;
            })
        });
        futures::future::join_all(asked).await;
        let counts = counts.lock().unwrap();
        assert_eq!(counts.0, 0);
        assert!((1..=2).contains(&counts.1));
    }
}
