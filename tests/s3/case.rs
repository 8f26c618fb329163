//! What a case is, and what is expected of it.

use crate::{differs, posts, puts};
use offload_engine::cause::Code;
use offload_engine::transfer::answer::{Answer, AnswerHeaders, meaning};
use offload_engine::transfer::send::Proof;
use offload_engine::transfer::signed::Signed;
use offload_sandbox::Signer;
use offload_tests::s3_servers::Kind;
use offload_tests::s3_servers::tap::Twist;
use std::fmt;
use std::net::SocketAddr;

/// One request, and what AWS documents for it.
pub(crate) struct Case {
    /// First column of the documentation.
    pub(crate) name: &'static str,
    pub(crate) file: FileKind,
    pub(crate) twist: Twist,
    pub(crate) sign: fn(&Desk) -> Signed,
    pub(crate) aws: Documented,
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// The file that is sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FileKind {
    pub(crate) name: &'static str,
    pub(crate) size: usize,
}

pub(crate) const PHOTO: FileKind = FileKind { name: "a.jpg", size: 100_000 };

/// What signs a request.
#[derive(Debug)]
pub(crate) struct Desk<'a> {
    /// Where the request goes: host and port.
    pub(crate) address: SocketAddr,
    pub(crate) bucket: &'a str,
    pub(crate) signer: &'a Signer,
    /// A folder of the case's own, with a slash at the end.
    pub(crate) folder: String,
    pub(crate) size: usize,
    /// Base64.
    pub(crate) sha256: String,
}

impl Desk<'_> {
    pub(crate) fn key(&self) -> String {
        format!("{}a.jpg", self.folder)
    }
}

/// AWS's answer as its documentation or its recorded answers have it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Documented {
    /// `None`: no answer is to be had.
    pub(crate) status: Option<u16>,
    pub(crate) code: &'static str,
    pub(crate) message: &'static str,
    pub(crate) offload: Verdict,
    pub(crate) object: Object,
}

impl Documented {
    /// A success, shown by the ETag.
    pub(crate) const fn stored(status: u16) -> Self {
        Self::stored_by(status, Proof::Md5)
    }

    pub(crate) const fn stored_by(status: u16, proof: Proof) -> Self {
        Self { status: Some(status), code: "", message: "", offload: Verdict::Stored(proof), object: Object::Same }
    }

    pub(crate) const fn refused(status: u16, code: &'static str, message: &'static str, offload: Code) -> Self {
        Self { status: Some(status), code, message, offload: Verdict::Because(offload), object: Object::None }
    }
}

/// What Offload decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Stored(Proof),
    Because(Code),
}

/// What lies in the bucket afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Object {
    None,
    /// The bytes of the file.
    Same,
    Other,
    /// There, but the server fails to give it out.
    Unreadable,
}

/// How a case ended, or has to end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) status: Option<u16>,
    /// Empty: the server named none.
    pub(crate) code: String,
    pub(crate) offload: Verdict,
    pub(crate) object: Object,
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {} -> {:?}, object: {:?}", self.status, self.code, self.offload, self.object)
    }
}

/// A server that does otherwise than AWS documents, or says it in other words.
#[derive(Debug)]
pub(crate) struct Differs {
    pub(crate) server: Kind,
    pub(crate) case: &'static str,
    pub(crate) status: Option<u16>,
    pub(crate) code: &'static str,
    pub(crate) offload: Verdict,
    pub(crate) object: Object,
    /// For the documentation, as a sentence without its full stop.
    pub(crate) why: &'static str,
}

impl Case {
    pub(crate) fn documented(&self) -> Seen {
        let Documented { status, code, offload, object, .. } = self.aws;
        Seen { status, code: code.to_owned(), offload, object }
    }

    pub(crate) fn difference(&self, kind: Kind) -> Option<&'static Differs> {
        differs::ALL.iter().find(|differs| differs.server == kind && differs.case == self.name)
    }

    pub(crate) fn expected(&self, kind: Kind) -> Seen {
        self.difference(kind).map_or_else(
            || self.documented(),
            |differs| Seen {
                status: differs.status,
                code: differs.code.to_owned(),
                offload: differs.offload,
                object: differs.object,
            },
        )
    }
}

pub(crate) fn all() -> Vec<Case> {
    posts::cases().into_iter().chain(puts::cases()).collect()
}

/// What AWS documents is no server to run; but Offload can be asked what it makes of such an answer.
#[test]
fn offload_makes_of_awss_words_what_the_list_says() {
    for case in all() {
        let Documented { status: Some(status), code, message, offload: Verdict::Because(wanted), .. } = case.aws else {
            continue;
        };
        if status < 300 {
            continue;
        }
        let message = message.replace('"', "&quot;");
        let body = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
        match meaning(status, &AnswerHeaders::default(), body.as_bytes()) {
            Answer::Cause(cause) => assert_eq!(cause.code, wanted, "{}: {cause}", case.name),
            other => panic!("{}: {other:?}", case.name),
        }
    }
}

#[test]
fn names_are_unique_and_every_difference_is_one_of_a_case() {
    let names: Vec<_> = all().iter().map(|case| case.name).collect();
    for (index, name) in names.iter().enumerate() {
        assert!(!names[..index].contains(name), "{name}");
    }
    for (index, differs) in differs::ALL.iter().enumerate() {
        assert!(names.contains(&differs.case), "{}", differs.case);
        let twice = |other: &&Differs| other.server == differs.server && other.case == differs.case;
        assert!(!differs::ALL[..index].iter().any(|other| twice(&other)), "{differs:?}");
        assert!(!differs.why.is_empty());
    }
}
