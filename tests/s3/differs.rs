//! Where a server answers otherwise than AWS documents, checked as exactly as the rest: a server that changes is told of.

use crate::case::{Differs, Object, Verdict};
use offload_engine::cause::Code;
use offload_engine::transfer::send::Proof;
use offload_tests::s3_servers::Kind;

#[rustfmt::skip]
pub(crate) const ALL: &[Differs] = &[
    Differs { server: Kind::Ceph, case: "POST without `success_action_status`", status: Some(204), code: "", offload: Verdict::Stored(Proof::Length), object: Object::Same,
        why: "no ETag comes with a 204, so the length of the body is all the proof there is; with `success_action_status` 201 it does come" },
    Differs { server: Kind::Ceph, case: "POST, key in Hangul, policy in ASCII with `\\u` escapes", status: Some(403), code: "AccessDenied", offload: Verdict::Because(Code::PolicyCondition), object: Object::None,
        why: "it does not read `\\u` escapes, which Python's `json` writes by itself (`ensure_ascii=False` does not)" },
    Differs { server: Kind::Ceph, case: "POST, wrong signature", status: Some(403), code: "AccessDenied", offload: Verdict::Because(Code::S3Denied), object: Object::None,
        why: "it says AccessDenied to a wrong signature, without a word more" },
    Differs { server: Kind::Ceph, case: "POST, unknown access key", status: Some(403), code: "AccessDenied", offload: Verdict::Because(Code::S3Denied), object: Object::None,
        why: "it says AccessDenied to an access key it does not know, without a word more" },
    Differs { server: Kind::Ceph, case: "POST, signed with SigV2", status: Some(201), code: "", offload: Verdict::Stored(Proof::Md5), object: Object::Same,
        why: "it takes SigV2, as AWS does in regions opened before 2014" },
    Differs { server: Kind::Ceph, case: "POST with a wrong `x-amz-checksum-sha256`", status: Some(201), code: "", offload: Verdict::Stored(Proof::Md5), object: Object::Same,
        why: "it checks no SHA-256; the bytes are the right ones here, as the ETag shows" },
    Differs { server: Kind::Ceph, case: "POST with `x-amz-checksum-sha256`, a byte altered on the way", status: Some(201), code: "", offload: Verdict::Because(Code::StoredOther), object: Object::Other,
        why: "it checks no SHA-256; that the bytes are others is seen by the ETag" },
    Differs { server: Kind::Ceph, case: "PUT with the right `x-amz-checksum-sha256`", status: Some(200), code: "", offload: Verdict::Stored(Proof::Md5), object: Object::Same,
        why: "it knows no `x-amz-checksum-sha256` to name; the ETag is the proof" },
    Differs { server: Kind::Ceph, case: "PUT with a wrong `x-amz-checksum-sha256`", status: Some(200), code: "", offload: Verdict::Stored(Proof::Md5), object: Object::Same,
        why: "it checks no SHA-256; the bytes are the right ones here, as the ETag shows" },
    Differs { server: Kind::Ceph, case: "PUT with `x-amz-checksum-sha256`, a byte altered on the way", status: Some(200), code: "", offload: Verdict::Because(Code::StoredOther), object: Object::Other,
        why: "it checks no SHA-256; that the bytes are others is seen by the ETag" },
    Differs { server: Kind::LocalStack, case: "POST with `x-amz-meta-*` in Hangul", status: Some(201), code: "", offload: Verdict::Stored(Proof::Md5), object: Object::Unreadable,
        why: "it takes the metadata, and then fails (500) to give the object out with it" },
    Differs { server: Kind::LocalStack, case: "POST with the right `x-amz-checksum-sha256`", status: Some(201), code: "", offload: Verdict::Stored(Proof::Sha256), object: Object::Same,
        why: "it names the checksum also after a POST; AWS documents that of PUTs only" },
    Differs { server: Kind::LocalStack, case: "POST, field without its condition", status: Some(201), code: "", offload: Verdict::Stored(Proof::Md5), object: Object::Same,
        why: "it does not ask for a condition of each field" },
    Differs { server: Kind::LocalStack, case: "POST, wrong signature", status: Some(201), code: "", offload: Verdict::Stored(Proof::Md5), object: Object::Same,
        why: "it does not check the signature of a form" },
    Differs { server: Kind::LocalStack, case: "POST, unknown access key", status: Some(201), code: "", offload: Verdict::Stored(Proof::Md5), object: Object::Same,
        why: "it takes any access key" },
    Differs { server: Kind::LocalStack, case: "POST, signed with SigV2", status: Some(201), code: "", offload: Verdict::Stored(Proof::Md5), object: Object::Same,
        why: "it takes SigV2, as AWS does in regions opened before 2014" },
    Differs { server: Kind::LocalStack, case: "POST with a wrong `x-amz-checksum-sha256`", status: Some(400), code: "InvalidRequest", offload: Verdict::Because(Code::BadDigest), object: Object::None,
        why: "it says InvalidRequest, which AWS says of a checksum that is malformed" },
    Differs { server: Kind::LocalStack, case: "POST with `x-amz-checksum-sha256`, a byte altered on the way", status: Some(400), code: "InvalidRequest", offload: Verdict::Because(Code::BadDigest), object: Object::None,
        why: "it says InvalidRequest, which AWS says of a checksum that is malformed" },
    Differs { server: Kind::LocalStack, case: "PUT, unknown access key", status: Some(200), code: "", offload: Verdict::Stored(Proof::Md5), object: Object::Same,
        why: "it takes any access key" },
    Differs { server: Kind::LocalStack, case: "PUT, connection cut in the file", status: None, code: "", offload: Verdict::Because(Code::Dropped), object: Object::Other,
        why: "it makes the part that arrived an object; Offload has no answer and sends the file again" },
];
