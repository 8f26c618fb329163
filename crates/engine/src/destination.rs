//! Where in the storage a source's files go. Pure.

use crate::engine::EngineError;

/// A destination without slashes at its ends; `.`, `..` and control characters are refused.
pub fn prefix(text: &str) -> Result<String, EngineError> {
    let parts: Vec<&str> = text.split('/').map(str::trim).filter(|part| !part.is_empty()).collect();
    if parts.iter().any(|part| matches!(*part, "." | "..")) || text.chars().any(char::is_control) {
        return Err(EngineError::Prefix(text.into()));
    }
    Ok(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::prefix;

    #[test]
    fn prefixes() {
        for (text, tidy) in [
            ("", Some("")),
            ("/", Some("")),
            ("clients/smith", Some("clients/smith")),
            ("/clients//smith/ ", Some("clients/smith")),
            ("..", None),
            ("a/../b", None),
            ("a/./b", None),
            ("a\nb", None),
        ] {
            assert_eq!(prefix(text).ok().as_deref(), tidy, "{text:?}");
        }
    }
}
