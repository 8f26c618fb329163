//! S3's answers as XML.

use axum::body::Body;
use http::{HeaderValue, Response, StatusCode, header};
use uuid::Uuid;

/// An error as S3 words it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct S3Error {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) message: String,
    /// More elements beside Code and Message.
    pub(crate) more: Vec<(&'static str, String)>,
}

impl S3Error {
    pub(crate) fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self { status, code: code.to_owned(), message: message.into(), more: Vec::new() }
    }

    pub(crate) fn internal() -> Self {
        Self::new(500, "InternalError", "We encountered an internal error. Please try again.")
    }

    pub(crate) fn denied(message: impl Into<String>) -> Self {
        Self::new(403, "AccessDenied", message)
    }

    pub(crate) fn unknown_access_key(access_key: &str) -> Self {
        let message = "The AWS Access Key Id you provided does not exist in our records.";
        Self::new(403, "InvalidAccessKeyId", message).with("AWSAccessKeyId", access_key)
    }

    #[must_use]
    pub(crate) fn with(mut self, element: &'static str, text: impl ToString) -> Self {
        self.more.push((element, text.to_string()));
        self
    }

    pub(crate) fn into_response(self) -> Response<Body> {
        let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>");
        element(&mut xml, "Code", &self.code);
        element(&mut xml, "Message", &self.message);
        for (name, text) in &self.more {
            element(&mut xml, name, text);
        }
        element(&mut xml, "RequestId", &Uuid::new_v4().simple().to_string());
        element(&mut xml, "HostId", "sandbox");
        xml.push_str("</Error>");
        xml_response(self.status, xml)
    }
}

pub(crate) fn element(xml: &mut String, name: &str, text: &str) {
    xml.push('<');
    xml.push_str(name);
    xml.push('>');
    for c in text.chars() {
        match c {
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '&' => xml.push_str("&amp;"),
            '"' => xml.push_str("&quot;"),
            c if c.is_control() => xml.push_str(&format!("&#x{:X};", u32::from(c))),
            c => xml.push(c),
        }
    }
    xml.push_str("</");
    xml.push_str(name);
    xml.push('>');
}

pub(crate) fn xml_response(status: u16, xml: String) -> Response<Body> {
    let mut response = Response::new(Body::from(xml));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    response
}
