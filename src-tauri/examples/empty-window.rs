//! A window with nothing in it: what any Tauri application costs, and something simple for the desktop harness to be tried on.
//!
//! It writes `painted` once the page was, and `dropped` with each path that was let go over it.

use std::io::Write;
use tauri::http::Response;
use tauri::{DragDropEvent, WebviewUrl, WebviewWindowBuilder, WindowEvent};

const PAGE: &str = r#"<!doctype html><title>Empty</title><body>
<h1>Empty</h1><label for="name">Name</label> <input id="name">
<button aria-label="Say it" onclick="said.textContent = document.getElementById('name').value">Go</button><output id="said"></output>
<script>requestAnimationFrame(() => requestAnimationFrame(() => fetch('/painted')))</script>"#;

fn say(words: &str) {
    let mut out = std::io::stdout().lock();
    // Nobody may read it.
    let _ = writeln!(out, "{words}").and_then(|()| out.flush());
}

fn main() -> anyhow::Result<()> {
    tauri::Builder::default()
        .register_uri_scheme_protocol("empty", |_, request| {
            if request.uri().path() == "/painted" {
                say("painted");
            }
            let mut page = Response::new(PAGE.as_bytes().to_vec());
            page.headers_mut().insert("content-type", tauri::http::HeaderValue::from_static("text/html"));
            page
        })
        .on_window_event(|_, event| {
            if let WindowEvent::DragDrop(DragDropEvent::Drop { paths, .. }) = event {
                paths.iter().for_each(|path| say(&format!("dropped {}", path.display())));
            }
        })
        .setup(|app| {
            let page = WebviewUrl::CustomProtocol("empty://localhost/".parse()?);
            WebviewWindowBuilder::new(app, "main", page).title("Empty").inner_size(900.0, 640.0).build()?;
            Ok(())
        })
        .run(tauri::generate_context!())?;
    Ok(())
}
