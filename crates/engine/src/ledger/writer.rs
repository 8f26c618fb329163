//! The ledger's only writer: a thread of its own that groups what waits into one transaction.
//!
//! Each operation of a group runs in a savepoint, so that one that fails takes nothing else with it, and is answered only after
//! the commit: what a caller was told is on disk.

use super::error::LedgerError;
use rusqlite::{Connection, TransactionBehavior};
use std::thread::JoinHandle;
use tokio::sync::{mpsc, oneshot};

/// Operations in one transaction at most; more wait for the next.
const GROUP: usize = 128;
/// Operations that may wait before callers are held up.
const QUEUE: usize = 256;

/// Tells the caller how it went, once the transaction's fate is known (`None`: committed).
type Answer = Box<dyn FnOnce(Option<LedgerError>) + Send>;
/// Runs on the connection, or is told there is none; says whether to keep what it did.
type Operation = Box<dyn FnOnce(Option<&Connection>) -> (bool, Answer) + Send>;

/// Handle to the writer; the thread ends when the last handle is gone and all accepted operations are done.
#[derive(Debug)]
pub(super) struct Writer {
    queue: Option<mpsc::Sender<Operation>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread. `committed` is called after each commit.
    pub(super) fn start(connection: Connection, committed: impl Fn() + Send + 'static) -> std::io::Result<Self> {
        let (queue, operations) = mpsc::channel(QUEUE);
        let thread =
            std::thread::Builder::new().name("ledger".into()).spawn(move || run(connection, operations, committed))?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    /// Runs an operation in the next transaction and waits for its commit.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        operation: impl FnOnce(&Connection) -> Result<T, LedgerError> + Send + 'static,
    ) -> Result<T, LedgerError> {
        let (packed, answer) = pack(operation);
        let queue = self.queue.as_ref().ok_or(LedgerError::Stopped)?;
        queue.send(packed).await.map_err(|_| LedgerError::Stopped)?;
        answer.await.map_err(|_| LedgerError::Stopped)?
    }

    /// As `write`, for callers that are not on a runtime's thread.
    pub(super) fn write_blocking<T: Send + 'static>(
        &self,
        operation: impl FnOnce(&Connection) -> Result<T, LedgerError> + Send + 'static,
    ) -> Result<T, LedgerError> {
        let (packed, answer) = pack(operation);
        let queue = self.queue.as_ref().ok_or(LedgerError::Stopped)?;
        queue.blocking_send(packed).map_err(|_| LedgerError::Stopped)?;
        answer.blocking_recv().map_err(|_| LedgerError::Stopped)?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the ledger's writer panicked");
        }
    }
}

fn pack<T: Send + 'static>(
    operation: impl FnOnce(&Connection) -> Result<T, LedgerError> + Send + 'static,
) -> (Operation, oneshot::Receiver<Result<T, LedgerError>>) {
    let (sender, receiver) = oneshot::channel();
    let packed: Operation = Box::new(move |connection| {
        let result = connection.map_or(Err(LedgerError::Stopped), operation);
        let keep = result.is_ok();
        let answer: Answer = Box::new(move |failed| {
            // A caller that went away no longer wants to know.
            let _ = sender.send(match failed {
                Some(error) => Err(error),
                None => result,
            });
        });
        (keep, answer)
    });
    (packed, receiver)
}

fn run(mut connection: Connection, mut operations: mpsc::Receiver<Operation>, committed: impl Fn()) {
    while let Some(first) = operations.blocking_recv() {
        let mut group = vec![first];
        while group.len() < GROUP
            && let Ok(next) = operations.try_recv()
        {
            group.push(next);
        }
        let mut answers = Vec::with_capacity(group.len());
        let outcome = commit(&mut connection, group, &mut answers);
        if outcome.is_ok() {
            committed();
        }
        for answer in answers {
            answer(outcome.as_ref().err().map(again));
        }
    }
    if let Err(error) = connection.pragma_update(None, "wal_checkpoint", "TRUNCATE") {
        tracing::debug!(%error, "no checkpoint at the end");
    }
}

fn commit(connection: &mut Connection, group: Vec<Operation>, answers: &mut Vec<Answer>) -> Result<(), LedgerError> {
    let transaction = match connection.transaction_with_behavior(TransactionBehavior::Immediate) {
        Ok(transaction) => transaction,
        Err(error) => {
            answers.extend(group.into_iter().map(|operation| operation(None).1));
            return Err(error.into());
        }
    };
    if group.len() == 1 {
        return commit_one(transaction, group, answers);
    }
    for operation in group {
        transaction.execute_batch("SAVEPOINT operation")?;
        let (keep, answer) = operation(Some(&transaction));
        answers.push(answer);
        transaction.execute_batch(if keep {
            "RELEASE operation"
        } else {
            "ROLLBACK TO operation; RELEASE operation"
        })?;
    }
    transaction.commit()?;
    Ok(())
}

/// Alone in its transaction an operation needs no savepoint, which would keep a copy of each page it changes.
fn commit_one(
    transaction: rusqlite::Transaction<'_>,
    group: Vec<Operation>,
    answers: &mut Vec<Answer>,
) -> Result<(), LedgerError> {
    for operation in group {
        let (keep, answer) = operation(Some(&transaction));
        answers.push(answer);
        if !keep {
            transaction.rollback()?;
            return Ok(());
        }
    }
    transaction.commit()?;
    Ok(())
}

/// `rusqlite::Error` can't be cloned; each caller of a failed group gets the same story.
fn again(error: &LedgerError) -> LedgerError {
    match error {
        LedgerError::Full => LedgerError::Full,
        other => LedgerError::Refused(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::{LedgerError, Writer};

    #[tokio::test]
    async fn one_that_fails_takes_nothing_else_with_it() {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE t (x INTEGER)").unwrap();
        let writer = Writer::start(connection, || {}).unwrap();
        let insert = |x: i64| writer.write(move |c| Ok(c.execute("INSERT INTO t VALUES (?1)", [x])?));
        let (a, b, c) = tokio::join!(
            insert(1),
            writer.write(|c| -> Result<(), LedgerError> {
                c.execute("INSERT INTO t VALUES (99)", [])?;
                Err(LedgerError::Refused("no".into()))
            }),
            insert(2)
        );
        assert!(a.is_ok() && c.is_ok());
        assert!(matches!(b, Err(LedgerError::Refused(_))));
        // Also where it is alone in its transaction.
        let alone = writer
            .write(|c| -> Result<(), LedgerError> {
                c.execute("INSERT INTO t VALUES (99)", [])?;
                Err(LedgerError::Refused("no".into()))
            })
            .await;
        assert!(matches!(alone, Err(LedgerError::Refused(_))));
        let sum: i64 = writer.write(|c| Ok(c.query_row("SELECT sum(x) FROM t", [], |row| row.get(0))?)).await.unwrap();
        assert_eq!(sum, 3);
    }

    #[tokio::test]
    async fn nothing_is_said_before_the_commit() {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        connection
            .execute_batch("CREATE TABLE a (x INTEGER PRIMARY KEY); CREATE TABLE t (x INTEGER REFERENCES a DEFERRABLE INITIALLY DEFERRED); PRAGMA foreign_keys=ON")
            .unwrap();
        let writer = Writer::start(connection, || {}).unwrap();
        // The operation itself succeeds; the deferred constraint breaks at COMMIT.
        let result = writer.write(|c| Ok(c.execute("INSERT INTO t VALUES (5)", [])?)).await;
        assert!(result.is_err());
    }
}
