//! One JSON object a line, never longer than agreed.

use serde::Serialize;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};

/// Why no line could be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum LineError {
    #[error("the line is longer than {0} bytes")]
    TooLong(usize),
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// Lines of a stream. Nothing is lost where a read is given up half-way and begun again.
#[derive(Debug)]
pub(super) struct Lines<R> {
    reader: BufReader<R>,
    begun: Vec<u8>,
    limit: usize,
}

impl<R: AsyncRead + Unpin> Lines<R> {
    pub(super) fn new(reader: R, limit: usize) -> Self {
        Self { reader: BufReader::new(reader), begun: Vec::new(), limit }
    }

    /// The next line without its break; `None` at the end. A last line without a break was cut off and counts for nothing.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<u8>>, LineError> {
        loop {
            let more = self.reader.fill_buf().await?;
            if more.is_empty() {
                return Ok(None);
            }
            let end = more.iter().position(|byte| *byte == b'\n');
            let part = &more[..end.unwrap_or(more.len())];
            if self.begun.len() + part.len() > self.limit {
                return Err(LineError::TooLong(self.limit));
            }
            self.begun.extend_from_slice(part);
            let read = end.map_or(more.len(), |at| at + 1);
            self.reader.consume(read);
            if end.is_some() {
                return Ok(Some(std::mem::take(&mut self.begun)));
            }
        }
    }
}

/// Writes one line.
pub(super) async fn write(to: &mut (impl AsyncWrite + Unpin), what: &impl Serialize) -> std::io::Result<()> {
    let mut line = serde_json::to_vec(what)?;
    line.push(b'\n');
    to.write_all(&line).await?;
    to.flush().await
}

#[cfg(test)]
mod tests {
    use super::{LineError, Lines};

    #[tokio::test]
    async fn whole_lines_only() {
        let mut lines = Lines::new(&b"one\n\ntwelve bytes\ncut"[..], 12);
        assert_eq!(lines.next().await.unwrap().unwrap(), b"one");
        assert_eq!(lines.next().await.unwrap().unwrap(), b"");
        assert_eq!(lines.next().await.unwrap().unwrap(), b"twelve bytes");
        assert!(lines.next().await.unwrap().is_none());
    }

    #[tokio::test]
    async fn a_long_line_is_not_gathered() {
        let endless = tokio::io::repeat(b'x');
        assert!(matches!(Lines::new(endless, 1000).next().await, Err(LineError::TooLong(1000))));
    }
}
