//! `thumb://localhost/<small|large>/<row>/<file_id>`: small pictures of files for the window.
//!
//! The page only names a row and the version it means; which file that is, and whether it may be read, is for the ledger to say.

use crate::shell::Shell;
use offload_engine::media::thumbnail::Edge;
use std::sync::Arc;
use tauri::http::{Method, Request, Response, StatusCode, Uri, header};
use tauri::{AppHandle, Manager, UriSchemeResponder};

/// The name of the scheme.
pub(crate) const SCHEME: &str = "thumb";

/// What a picture is wanted of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) edge: Edge,
    pub(crate) row: i64,
    pub(crate) file_id: String,
}

/// Reads an address strictly; `None` for any other.
pub(crate) fn wanted(uri: &Uri) -> Option<Wanted> {
    if uri.query().is_some() {
        return None;
    }
    // Tauri's `convertFileSrc` writes the slashes so.
    let path = uri.path().strip_prefix('/')?.replace("%2F", "/");
    let mut parts = path.split('/');
    let edge = match parts.next()? {
        "small" => Edge::Small,
        "large" => Edge::Large,
        _ => return None,
    };
    let row = digits(parts.next()?)?;
    let file_id = parts.next().filter(|id| is_id(id))?.to_owned();
    parts.next().is_none().then_some(Wanted { edge, row, file_id })
}

fn digits(text: &str) -> Option<i64> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Answers a request of the page.
pub(crate) fn answer(app: &AppHandle, request: &Request<Vec<u8>>, responder: UriSchemeResponder) {
    let wanted = (request.method() == Method::GET).then(|| wanted(request.uri())).flatten();
    let Some(wanted) = wanted else { return responder.respond(nothing()) };
    let Some(shell) = app.try_state::<Arc<Shell>>().map(|shell| Arc::clone(&shell)) else {
        return responder.respond(nothing());
    };
    tauri::async_runtime::spawn(async move {
        let picture = shell.thumbnail(wanted).await;
        responder.respond(picture.map_or_else(nothing, |jpeg| {
            // A file_id stands for one content: what was drawn once stays as it is.
            let headers = [
                (header::CONTENT_TYPE, "image/jpeg"),
                (header::CACHE_CONTROL, "private, max-age=31536000, immutable"),
                (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            ];
            let mut response = Response::new(jpeg);
            for (name, value) in headers {
                response.headers_mut().insert(name, header::HeaderValue::from_static(value));
            }
            response
        }));
    });
}

/// No picture now; a later question may have better luck.
fn nothing() -> Response<Vec<u8>> {
    let mut response = Response::new(Vec::new());
    *response.status_mut() = StatusCode::NOT_FOUND;
    response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::{Wanted, wanted};
    use offload_engine::media::thumbnail::Edge;

    #[test]
    fn addresses_are_read_strictly() {
        let id = "0198c2f4-1b1e-7cc0-8a3a-0123456789ab";
        let good = |edge, row| Some(Wanted { edge, row, file_id: id.into() });
        for (path, expected) in [
            (format!("small/7/{id}"), good(Edge::Small, 7)),
            (format!("large/9223372036854775807/{id}"), good(Edge::Large, i64::MAX)),
            (format!("large/9223372036854775808/{id}"), None),
            (format!("small%2F7%2F{id}"), good(Edge::Small, 7)),
            (format!("small%2F7%2F{id}%2F.."), None),
            (format!("medium/7/{id}"), None),
            (format!("small/-7/{id}"), None),
            (format!("small/+7/{id}"), None),
            (format!("small//{id}"), None),
            (format!("small/7/{id}/"), None),
            (format!("small/7/{id}/../x"), None),
            (format!("small/7/{id}?x=1"), None),
            ("small/7/".into(), None),
            ("small/7/..".into(), None),
            ("small/7/%2e%2e".into(), None),
            (format!("small/7/{}", "a".repeat(65)), None),
            (String::new(), None),
        ] {
            let uri = format!("thumb://localhost/{path}").parse().unwrap();
            assert_eq!(wanted(&uri), expected, "{path}");
        }
    }
}
