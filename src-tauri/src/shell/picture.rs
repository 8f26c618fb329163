//! Small pictures for the window.

use super::Shell;
use crate::thumb::Wanted;

impl Shell {
    /// A JPEG of a row's file, where there is one and it is the version the page means.
    pub(crate) async fn thumbnail(&self, wanted: Wanted) -> Option<Vec<u8>> {
        let source = self.life.engine().ok()?.thumbnail_source(wanted.row).await.ok()??;
        if source.file_id != wanted.file_id {
            return None;
        }
        self.thumbnails.get(source, wanted.edge).await.map(|jpeg| jpeg.to_vec())
    }
}
