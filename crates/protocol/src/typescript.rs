//! The window's TypeScript types, written from the Rust ones. `cargo xtask types` keeps the file; `cargo xtask test` compares it.

use crate::checkup::Checkup;
use crate::control::{ControlError, RetryWhat, Scope, SourceEdit};
use crate::view::{FileRow, Page, PageQuery, SourceView, Status, Story};
use crate::window::{
    BackendProtocol, BrowserCode, Connected, Connection, FirstPicture, Given, Measured, Opening, SignInWays, Taking,
    WindowEvent, WindowSettings,
};
use std::any::TypeId;
use std::collections::{BTreeMap, HashSet};
use std::fmt::Write;
use ts_rs::{Config, TS, TypeVisitor};

/// The whole file: every type that commands and events name, and `Commands`, from a command's name to its arguments and reply.
pub fn typescript() -> String {
    // Numbers up to 2^53 are exact in JavaScript: 9 PB, or 285,000 years in milliseconds.
    let config = Config::new().with_large_int("number");
    let mut found = Declarations { config: &config, seen: HashSet::new(), declared: BTreeMap::new() };
    found.visit::<ControlError>();
    found.visit::<WindowEvent>();
    let commands = commands(&config, &mut found);
    let mut text = String::from("// Written by `cargo xtask types` from crates/protocol; do not edit.\n");
    for declaration in found.declared.values() {
        let _ = write!(text, "\n{declaration}\n");
    }
    let _ = write!(
        text,
        "\n/** Every command of the window: its arguments and its reply. */\nexport interface Commands {{\n{commands}}}\n"
    );
    // A query of plain values: it can't fail.
    let first = serde_json::to_string(&PageQuery::first()).unwrap_or_default();
    let _ = write!(
        text,
        "\n/** What the list shows before anybody asked for something else. */\nexport const FIRST_PAGE: PageQuery = {first};\n"
    );
    text
}

macro_rules! write_commands {
    ($($(#[doc = $doc:literal])* $name:ident($($arg:ident: $kind:ty),*) -> $reply:ty;)*) => {
        fn commands(config: &Config, found: &mut Declarations<'_>) -> String {
            let mut text = String::new();
            $(
                let docs: &[&str] = &[$($doc),*];
                for line in docs {
                    let _ = writeln!(text, "  /**{line} */");
                }
                let args: &[String] = &[$({
                    found.visit::<$kind>();
                    format!("{}: {}", stringify!($arg), <$kind as TS>::name(config))
                }),*];
                let args = if args.is_empty() { "Record<string, never>".into() } else { format!("{{ {} }}", args.join("; ")) };
                found.visit::<$reply>();
                let _ = writeln!(text, "  {}: {{ args: {args}; reply: {} }};", stringify!($name), <$reply as TS>::name(config));
            )*
            text
        }
    };
}

crate::window_commands!(write_commands);

/// Declarations of everything visited, by name.
struct Declarations<'a> {
    config: &'a Config,
    seen: HashSet<TypeId>,
    declared: BTreeMap<String, String>,
}

impl TypeVisitor for Declarations<'_> {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        if !self.seen.insert(TypeId::of::<T>()) {
            return;
        }
        // Only our own types have a file to be declared in; the others stand for themselves.
        if T::output_path().is_some() {
            let docs = T::docs().unwrap_or_default();
            self.declared.insert(T::name(self.config), format!("{docs}export {}", T::decl(self.config)));
        }
        T::visit_dependencies(self);
        T::visit_generics(self);
    }
}

#[cfg(test)]
mod tests {
    use super::typescript;

    #[test]
    fn declares_what_the_window_needs() {
        let text = typescript();
        for part in [
            "export type FileRow = ",
            "export type WindowEvent = ",
            "export interface Commands {",
            "export const FIRST_PAGE: PageQuery = {\"filter\":{",
            "  page: { args: { query: PageQuery }; reply: Page };",
            "  pause: { args: { scope: Scope; until_ms: number | null }; reply: null };",
            "  rows: { args: { ids: Array<number> }; reply: Array<FileRow> };",
        ] {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
        assert!(!text.contains("bigint"));
    }
}
