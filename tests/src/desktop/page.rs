//! Looking at the page and working in it as a person does: by role and name, with the mouse and the keyboard.

use super::driver::{DriverError, Window};
use super::until;
use serde_json::{Value, json};

const FIND_BY_ROLE: &str = include_str!("page.js");

/// What to look for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// Role and accessible name, as screen readers are told.
    Role {
        role: &'static str,
        name: String,
    },
    /// A role, and something its name has in it.
    RoleWith {
        role: &'static str,
        part: String,
    },
    /// Role and name, inside of what a selector finds.
    Within {
        selector: &'static str,
        role: &'static str,
        name: String,
    },
    /// Any of this role.
    AnyRole(&'static str),
    Css(String),
}

impl By {
    pub fn role(role: &'static str, name: impl Into<String>) -> Self {
        Self::Role { role, name: name.into() }
    }

    pub fn role_with(role: &'static str, part: impl Into<String>) -> Self {
        Self::RoleWith { role, part: part.into() }
    }

    pub fn button(name: impl Into<String>) -> Self {
        Self::role("button", name)
    }

    pub fn field(name: impl Into<String>) -> Self {
        Self::role("textbox", name)
    }

    pub fn dialog() -> Self {
        Self::AnyRole("dialog")
    }

    /// A button of the dialog that lies over the window.
    pub fn button_in_dialog(name: impl Into<String>) -> Self {
        Self::within("[role=dialog]", "button", name)
    }

    pub fn within(selector: &'static str, role: &'static str, name: impl Into<String>) -> Self {
        Self::Within { selector, role, name: name.into() }
    }

    pub fn css(selector: impl Into<String>) -> Self {
        Self::Css(selector.into())
    }
}

/// A key without a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    Enter,
    Escape,
    Tab,
    Up,
    Down,
    Home,
    End,
    PageDown,
    Space,
    Control,
    Shift,
}

impl Key {
    const fn code(self) -> char {
        match self {
            Self::Enter => '\u{e007}',
            Self::Escape => '\u{e00c}',
            Self::Tab => '\u{e004}',
            Self::Up => '\u{e013}',
            Self::Down => '\u{e015}',
            Self::Home => '\u{e011}',
            Self::End => '\u{e010}',
            Self::PageDown => '\u{e00f}',
            Self::Space => ' ',
            Self::Control => '\u{e009}',
            Self::Shift => '\u{e008}',
        }
    }
}

impl Window<'_> {
    /// Elements that are there now and can be seen.
    pub async fn all(&self, by: &By) -> Result<Vec<String>, DriverError> {
        let found = match by {
            By::Css(selector) => {
                let asked = json!({ "using": "css selector", "value": selector });
                self.ask("POST", "/elements", Some(asked)).await?
            }
            By::AnyRole(role) => self.script(FIND_BY_ROLE, json!([role, null, false, null])).await?,
            By::Role { role, name } => self.script(FIND_BY_ROLE, json!([role, name, false, null])).await?,
            By::RoleWith { role, part } => self.script(FIND_BY_ROLE, json!([role, part, true, null])).await?,
            By::Within { selector, role, name } => {
                self.script(FIND_BY_ROLE, json!([role, name, false, selector])).await?
            }
        };
        Ok(found.as_array().map(|list| list.iter().filter_map(Self::element_of).collect()).unwrap_or_default())
    }

    pub async fn count(&self, by: &By) -> usize {
        self.all(by).await.map_or(0, |found| found.len())
    }

    pub async fn has(&self, by: &By) -> bool {
        self.count(by).await > 0
    }

    /// Waits for one.
    pub async fn find(&self, by: &By) -> String {
        self.until(&format!("{by:?} on the page"), async || self.all(by).await.ok()?.into_iter().next()).await
    }

    /// Waits until none is left.
    pub async fn gone(&self, by: &By) {
        self.until(&format!("{by:?} gone"), async || self.all(by).await.ok()?.is_empty().then_some(())).await;
    }

    /// Waits until a question about the page has an answer; reports what it shows where it never has.
    pub async fn until<T>(&self, what: &str, ask: impl AsyncFn() -> Option<T>) -> T {
        until(what, || ask(), || self.report()).await
    }

    /// Waits until the page's text has this in it.
    pub async fn until_says(&self, words: &str) {
        self.until(&format!("\"{words}\" on the page"), async || self.text().await.ok()?.contains(words).then_some(()))
            .await;
    }

    /// Does something with an element; again where the page changed in between.
    async fn with<T>(&self, by: &By, what: &str, act: impl AsyncFn(&str) -> Result<T, DriverError>) -> T {
        let attempt = async || {
            let element = self.all(by).await.ok()?.into_iter().next()?;
            match act(&element).await {
                Ok(done) => Some(done),
                Err(error) if error.passes() => None,
                Err(error) => panic!("{what} {by:?}: {error}\n{}", self.report().await),
            }
        };
        self.until(&format!("{what} {by:?}"), attempt).await
    }

    pub async fn click(&self, by: &By) {
        self.with(by, "click", async |element| {
            self.ask("POST", &format!("/element/{element}/click"), Some(json!({}))).await
        })
        .await;
    }

    /// Empties a field and types into it.
    pub async fn fill(&self, by: &By, text: &str) {
        self.with(by, "fill", async |element| {
            self.ask("POST", &format!("/element/{element}/clear"), Some(json!({}))).await?;
            self.ask("POST", &format!("/element/{element}/value"), Some(json!({ "text": text }))).await
        })
        .await;
    }

    /// The text of an element as it is shown, without the marks that keep directions apart.
    pub async fn text_of(&self, by: &By) -> String {
        let text = self
            .with(by, "text of", async |element| {
                self.script("return arguments[0].innerText", json!([Self::reference(element)])).await
            })
            .await;
        without_marks(&text)
    }

    /// An attribute of an element.
    pub async fn attribute(&self, by: &By, name: &str) -> Option<String> {
        let path = |element: &str| format!("/element/{element}/attribute/{name}");
        let value = self.with(by, "attribute of", async |element| self.ask("GET", &path(element), None).await).await;
        value.as_str().map(str::to_owned)
    }

    /// Role and name that the browser itself gives an element.
    pub async fn spoken(&self, by: &By) -> (String, String) {
        let spoken = self
            .with(by, "spoken", async |element| {
                let role = self.ask("GET", &format!("/element/{element}/computedrole"), None).await?;
                let name = self.ask("GET", &format!("/element/{element}/computedlabel"), None).await?;
                Ok((role, name))
            })
            .await;
        let text = |value: Value| value.as_str().unwrap_or_default().to_owned();
        (text(spoken.0), text(spoken.1))
    }

    /// Presses keys one after the other, then lets them go: the last with the others held.
    pub async fn press(&self, keys: &[Key]) {
        self.chord(&keys.iter().map(|key| key.code()).collect::<Vec<_>>()).await;
    }

    /// A letter with Control held.
    pub async fn control(&self, letter: char) {
        self.chord(&[Key::Control.code(), letter]).await;
    }

    async fn chord(&self, keys: &[char]) {
        let step = |kind: &str, key: &char| json!({ "type": kind, "value": key.to_string() });
        let down = keys.iter().map(|key| step("keyDown", key));
        let up = keys.iter().rev().map(|key| step("keyUp", key));
        let actions: Vec<Value> = down.chain(up).collect();
        let asked = json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": actions }] });
        self.ask("POST", "/actions", Some(asked)).await.unwrap();
    }

    /// All the text that is shown.
    pub async fn text(&self) -> Result<String, DriverError> {
        let text = self.script("return document.body?.innerText ?? ''", json!([])).await?;
        Ok(without_marks(&text))
    }
}

fn without_marks(text: &Value) -> String {
    text.as_str().unwrap_or_default().chars().filter(|c| !matches!(c, '\u{2066}'..='\u{2069}')).collect()
}
