//! Where a server answers otherwise than AWS documents, checked as exactly as the rest: a server that changes is told of.

use crate::case::Differs;

pub(crate) const ALL: &[Differs] = &[];
