//! Everything `doctor` looks at or can find, by its stable code, with what mends it. docs/doctor.md is written from this table.

use offload_protocol::checkup::{About, Finding, Mend, Stack, Verdict};

/// One line of the table.
#[derive(Debug)]
pub struct Known {
    pub code: &'static str,
    pub about: About,
    /// What is looked at or wrong, for people; starts in lower case, without a full stop.
    pub what: &'static str,
    pub mends: &'static [(Stack, &'static str)],
}

macro_rules! checks {
    ($($name:ident = $code:literal, $about:ident, $what:literal, [$($stack:ident: $text:literal),* $(,)?];)*) => {
        /// What a finding is about. The word in `--json` is `code()`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Check { $(#[doc = $what] $name,)* }

        impl Check {
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            pub const fn known(self) -> &'static Known {
                match self {
                    $(Self::$name => &Known {
                        code: $code, about: About::$about, what: $what, mends: &[$((Stack::$stack, $text),)*],
                    },)*
                }
            }
        }
    };
}

impl Check {
    pub const fn code(self) -> &'static str {
        self.known().code
    }

    pub fn good(self, detail: impl Into<String>) -> Finding {
        self.found(Verdict::Good, detail)
    }

    pub fn note(self, detail: impl Into<String>) -> Finding {
        self.found(Verdict::Note, detail)
    }

    pub fn problem(self, detail: impl Into<String>) -> Finding {
        self.found(Verdict::Problem, detail)
    }

    pub fn unknown(self, detail: impl Into<String>) -> Finding {
        self.found(Verdict::Unknown, detail)
    }

    /// A finding with the table's mends, where something is to be mended.
    pub fn found(self, verdict: Verdict, detail: impl Into<String>) -> Finding {
        let known = self.known();
        let needs_mending = matches!(verdict, Verdict::Problem | Verdict::Note);
        let mends = known.mends.iter().filter(|_| needs_mending);
        Finding {
            code: known.code.to_owned(),
            about: known.about,
            verdict,
            detail: detail.into(),
            mends: mends.map(|(with, text)| Mend { with: *with, text: (*text).to_owned() }).collect(),
        }
    }
}

/// Puts a mend that only this finding knows before those of the table.
pub fn with_mend(mut finding: Finding, with: Stack, text: impl Into<String>) -> Finding {
    finding.mends.insert(0, Mend { with, text: text.into() });
    finding
}

checks! {
    // This machine.
    DataFolder = "data_folder", Machine, "the folder with ledger, settings and logs can be written",
        [Anyone: "check that the folder is yours and that the disk has room, or choose another with --data-dir"];
    Ledger = "ledger", Machine, "the ledger can be read", [];
    Engine = "engine", Machine, "whether Offload runs", [];
    Watching = "watching", Machine, "how many folders the system lets a person watch (Linux)",
        [Anyone: "echo fs.inotify.max_user_watches=524288 | sudo tee /etc/sysctl.d/60-offload.conf && sudo sysctl --system"];
    Settings = "settings", Machine, "config.toml can be used", [];
    NoBackend = "no_backend", Machine, "an address of a backend is known",
        [Anyone: "sign in with `offload login --backend https://…`, or set OFFLOAD_BACKEND"];

    // The backend's address and its ground rules.
    Backend = "backend", Backend, "the backend answers, and knows who is asking", [];
    Unreachable = "unreachable", Backend, "the backend can't be reached",
        [Anyone: "check the address and its port, whether the backend runs, and the network connection"];
    Certificate = "certificate", Backend, "the backend's certificate does not hold",
        [Anyone: "let the server send the whole chain of a certificate for this very name; a private certificate authority has to be installed in this machine's system. Offload has no switch to pass over it"];
    TrailingSlash = "trailing_slash", Backend, "the endpoints are only there with a slash at the end, and without it comes a redirect or nothing",
        [Anyone: "serve /v1/session, /v1/presign and /v1/complete without a slash at the end: redirects are not followed, since the token would go along",
         Django: "path(\"v1/presign\", presign) without the slash at the end; with a DRF router: DefaultRouter(trailing_slash=False)",
         Js: "register the routes without a slash at the end; Next.js: trailingSlash: false"];
    LoginRedirect = "login_redirect", SignIn, "the backend sends Offload to a sign-in page instead of answering",
        [Anyone: "the endpoints have to authenticate by the token in the Authorization header and answer 401 without one, never by a session and a redirect",
         Django: "take @login_required or LoginRequiredMixin off these views; look the token up in the view, or use DRF's TokenAuthentication with IsAuthenticated",
         Js: "leave the session middleware off these routes; answer res.status(401).json({…}) instead of res.redirect(\"/login\")"];
    Redirect = "redirect", Backend, "the backend redirects to another address",
        [Anyone: "set the backend's address to the one it redirects to (`offload login --backend …`): redirects are not followed, since the token would go along",
         Django: "behind a proxy that ends TLS: SECURE_PROXY_SSL_HEADER = (\"HTTP_X_FORWARDED_PROTO\", \"https\"), or SECURE_SSL_REDIRECT redirects for ever"];
    EndpointMissing = "endpoint_missing", Backend, "one of the three endpoints is not there",
        [Anyone: "Offload puts /v1/session, /v1/presign and /v1/complete after the backend's address: check the address (`offload login --backend …`) and the routes",
         Django: "path(\"api/v1/presign\", presign) in urls.py for the address https://HOST/api",
         Js: "app.post(\"/api/v1/presign\", …) for the address https://HOST/api"];
    WrongMethod = "wrong_method", Backend, "an endpoint takes another method",
        [Anyone: "session is a GET; presign and complete are POSTs with a JSON body",
         Django: "@require_POST on presign and complete, or http_method_names that have \"post\"",
         Js: "app.post(…) for presign and complete; in a Next.js route: export async function POST"];
    SpeaksCompanion = "speaks_companion", Backend, "this is Uppy Companion or a Shrine presign endpoint, not protocol v1",
        [Anyone: "protocol = \"companion\" under [backend] in config.toml, or `offload login --protocol companion`"];
    Unconfirmed = "unconfirmed", Backend, "nobody confirms that a file arrived",
        [Anyone: "enough for a bucket that is looked into by other means; a backend that speaks protocol v1 confirms each file"];
    KeysChange = "keys_change", Backend, "the same file gets another key each time: an upload whose answer is lost may leave a second copy",
        [Companion: "s3.getKey: ({ filename, metadata }) => `photos/${metadata[\"offload-file-id\"] ?? crypto.randomUUID()}/${filename}`"];
    WebPage = "web_page", Backend, "a web page comes where JSON was asked for",
        [Anyone: "a proxy or sign-in page may stand before the backend, or the address is the one of its pages: open it in a browser, and set the address to that of the API",
         Js: "put the API's routes before the fallback that serves index.html"];
    NotJson = "not_json", Backend, "an answer is not JSON",
        [Anyone: "answer with one JSON object in UTF-8, without anything before or after it",
         Django: "return JsonResponse({…}), never HttpResponse(str(…))", Js: "res.json({…})"];
    ServerError = "server_error", Backend, "the backend had an error (5xx)",
        [Anyone: "look into the backend's log at this time"];
    Busy = "busy", Backend, "the backend says that it is busy (429 or 503)",
        [Anyone: "the three endpoints are asked every few seconds while files are sent: let the rate limit allow it, and send Retry-After"];
    RequestRefused = "request_refused", Backend, "the backend refuses a whole request that is in order",
        [Anyone: "take JSON with a member \"files\", ignore members that are not known, and answer each file in its entry",
         Django: "files = json.loads(request.body)[\"files\"], not request.POST", Js: "app.use(express.json({ limit: \"4mb\" })) before the routes"];
    SessionMissing = "session_missing", Backend, "there is no GET /v1/session; Offload goes on with the usual limits",
        [Anyone: "answer GET /v1/session with {\"account\": \"…\"}: signing in asks it, and it can tell limits"];
    SessionShape = "session_shape", Backend, "the answer of session is not as protocol v1 has it",
        [Anyone: "{\"account\": \"kim@studio.example\", \"protocol\": 1, \"limits\": {\"files_per_request\": 50, \"max_file_size\": 5368709120}, \"server_time\": \"2026-05-01T10:20:30Z\"}; account is required, numbers stand without quotes"];
    Limits = "limits", Backend, "the limits that session tells",
        [Anyone: "files_per_request is 1 to 1000, max_file_size the bytes of the largest file you sign for, at most 5368709120 (S3's limit of one POST); leave out what has no limit"];
    ProtocolVersion = "protocol_version", Backend, "the backend speaks another version of the protocol",
        [Anyone: "\"protocol\": 1 in session, as a number; or update whichever is older"];
    Clock = "clock", Backend, "the backend's clock, or the time it tells, is not right",
        [Anyone: "let backend and this machine follow a time server (NTP); S3 takes 15 minutes of difference, a form lives 10",
         Django: "\"server_time\": timezone.now().isoformat() with USE_TZ = True; datetime.now() without a zone is local time",
         Js: "server_time: new Date().toISOString()"];
    ServerTime = "server_time", Backend, "server_time is no time of RFC 3339",
        [Anyone: "write it like 2026-05-01T10:20:30Z", Django: "timezone.now().isoformat()", Js: "new Date().toISOString()"];

    // Who may ask.
    Keyring = "keyring", SignIn, "the keyring can be used", [];
    TokenMissing = "token_missing", SignIn, "a token for the backend is there", [Anyone: "offload login"];
    TokenRefused = "token_refused", SignIn, "the backend does not accept the token",
        [Anyone: "make a new token in the backend, mind that it is copied whole, and sign in with `offload login`",
         Django: "behind Apache with mod_wsgi: WSGIPassAuthorization On, or the Authorization header never arrives"];
    AuthScheme = "auth_scheme", SignIn, "the token is good, but with another word before it",
        [];
    AccessDenied = "access_denied", SignIn, "the token is known, but may not do this (403)",
        [Anyone: "give the token's account the right to upload, or sign in with another",
         Django: "look at permission_classes and the user's permissions"];
    Csrf = "csrf", SignIn, "the backend's CSRF check refuses the request",
        [Anyone: "leave the CSRF check off the three endpoints: it guards cookies, and they authenticate by token",
         Django: "@csrf_exempt, outermost; with DRF take SessionAuthentication out of authentication_classes",
         Js: "mount the routes before csurf or lusca"];
    Token = "token", SignIn, "who has no token gets nothing", [];
    AnyToken = "any_token", SignIn, "the backend answers also to a wrong token or none: anybody can write into the bucket",
        [Anyone: "compare the token of the Authorization header at every endpoint, and answer 401 where it is missing or wrong",
         Django: "user = Token.user_of(…) at the start of each view, or permission_classes = [IsAuthenticated] (DRF's default is AllowAny)",
         Js: "app.use(\"/api/v1\", requireToken) before the routes",
         Companion: "Companion itself does not ask who is there: put a check of the Authorization header before it"];
    WrongTokenStatus = "wrong_token_status", SignIn, "a wrong token is refused, but not with 401 or 403",
        [Anyone: "answer 401 to a token that is missing or wrong: only then the photographer is asked to sign in again"];

    // What presign answers.
    Presign = "presign", Signature, "presign answers each file asked about", [];
    AnswerShape = "answer_shape", Signature, "presign's answer is not {\"files\": […]}",
        [Anyone: "{\"files\": [{\"file_id\": \"…\", \"upload\": {\"method\": \"POST\", \"url\": \"…\", \"fields\": {…}, \"key\": \"…\", \"expires_in\": 600}}]}, nothing around it",
         Django: "JsonResponse({\"files\": [{\"file_id\": f[\"file_id\"], \"upload\": {\"method\": \"POST\", **form, \"key\": key, \"expires_in\": 600}} for …]})",
         Js: "res.json({ files: files.map((f) => ({ file_id: f.file_id, upload: { method: \"POST\", ...form, key, expires_in: 600 } })) })"];
    CamelCase = "camel_case", Signature, "members are written in camelCase",
        [Anyone: "write them as the protocol does: file_id, expires_in",
         Django: "leave djangorestframework-camel-case off these views", Js: "file_id and expires_in as they stand; no camelcase-keys on these routes"];
    FileIdMissing = "file_id_missing", Signature, "an entry does not say whose it is by the file_id that was asked",
        [Anyone: "give each entry the file_id of the request, letter for letter",
         Django: "\"file_id\": file[\"file_id\"], the text as it came"];
    EntryMissing = "entry_missing", Signature, "not every file asked about is in the answer",
        [Anyone: "answer with one entry for each file_id of the request: the form, or an error for that file",
         Django: "[answer(f) for f in files], not only files[0]", Js: "Promise.all(files.map(answer)), not only files[0]"];
    UploadMissing = "upload_missing", Signature, "an entry has neither upload nor error where they belong",
        [Anyone: "put method, url, fields, key and expires_in into a member \"upload\", or \"error\": {\"title\": \"…\", \"status\": 403} beside file_id",
         Django: "{\"file_id\": …, \"upload\": {\"method\": \"POST\", **form, \"key\": key, \"expires_in\": 600}}",
         Js: "{ file_id, upload: { method: \"POST\", ...form, key, expires_in: 600 } }"];
    UploadMethod = "upload_method", Signature, "the upload's method is missing or none that Offload knows",
        [Anyone: "\"method\": \"POST\" with url and fields, \"PUT\" with url and headers, or \"SKIP\" with key alone; in capitals"];
    UrlMissing = "url_missing", Signature, "the upload has no url",
        [Django: "**s3.generate_presigned_post(…) brings url and fields", Js: "const { url, fields } = await createPresignedPost(…)"];
    FieldsShape = "fields_shape", Signature, "fields is not an object of texts",
        [Anyone: "\"fields\": {\"key\": \"…\", \"policy\": \"…\", …}: one object, each value a text, just as the signing library returned it",
         Django: "form = s3.generate_presigned_post(…); \"fields\": form[\"fields\"]", Js: "fields, not Object.entries(fields)"];
    KeyMissing = "key_missing", Signature, "the upload has no key",
        [Anyone: "\"key\" beside url: the object's key, the one complete is told"];
    ExpiresInShape = "expires_in_shape", Signature, "expires_in is not a whole number of seconds from now",
        [Anyone: "\"expires_in\": 600, a number: seconds from the answer until the form expires, no date and no text",
         Django: "\"expires_in\": seconds, the number given as ExpiresIn", Js: "expires_in: 600, the number given as Expires"];
    ErrorShape = "error_shape", Signature, "an error of one file is not where the protocol has it",
        [Anyone: "{\"file_id\": \"…\", \"error\": {\"title\": \"…\", \"detail\": \"…\", \"status\": 403}}"];
    Multipart = "multipart", Signature, "the backend wants a multipart upload, which this version does not speak",
        [Anyone: "answer POST or PUT; one of them takes 5 GB"];
    SkipsUnsent = "skips_unsent", Signature, "the backend says SKIP to bytes that nobody has sent",
        [Anyone: "answer SKIP only for a file whose object was seen in the bucket, with the same sha256 and size"];
    BatchRefused = "batch_refused", Signature, "several files in one request fail, each of them alone does not",
        [Anyone: "take as many files in one request as session's limits.files_per_request says (50 where it says nothing)"];
    OneFailsAll = "one_fails_all", Signature, "one file that can't be signed for fails the whole request",
        [Anyone: "answer that file with \"error\" in its entry, and the others as usual: else one bad file stops a whole card",
         Django: "try/except around each file of the loop, not around the loop", Js: "Promise.allSettled instead of Promise.all"];
    FileRefused = "file_refused", Signature, "the backend refuses a kind of file that photographers send",
        [Anyone: "if that is not meant so: allow the type and the size; what the backend refuses shows as failed, with its words"];
    NameRefused = "name_refused", Signature, "a name beyond ASCII, or with a space, can't be signed for, or S3 refuses what is signed",
        [Anyone: "take any UTF-8 in filename and path, encode a key once in a url, a space as %20; where the storage can't, make ASCII keys",
         Django: "name.encode(\"utf-8\") where bytes are needed, never \"latin-1\" or \"ascii\"",
         Js: "Buffer.from(policy, \"utf8\").toString(\"base64\"), not btoa(policy)"];
    RefreshRefused = "refresh_refused", Signature, "the same file_id asked a second time is refused",
        [Anyone: "a file_id asked again means: a fresh form for the same key. Forms expire, and are asked for again",
         Django: "Photo.objects.get_or_create(owner=user, file_id=…, defaults={…}), not create", Js: "an upsert by file_id"];

    // Keys.
    Keys = "keys", Signature, "the same file_id keeps its key, different ones get different keys", [];
    KeyNotStable = "key_not_stable", Signature, "the same file_id gets another key each time",
        [Anyone: "make the key of account and file_id, or keep it at the first presign: another key leaves a second copy behind, so Offload fails such a file",
         Django: "key = f\"{user.pk}/{file_id}/{filename}\", no uuid4() and no time in it", Js: "`${user}/${file_id}/${filename}`, no randomUUID() or Date.now()"];
    KeyCollides = "key_collides", Signature, "two files get the same key: the later overwrites the earlier",
        [Anyone: "put the whole file_id into the key: two cards both have an IMG_0001.JPG",
         Django: "key = f\"{user.pk}/{file_id}/{filename}\"", Js: "`${user}/${file_id}/${filename}`",
         Companion: "s3.getKey: ({ filename }) => `${crypto.randomUUID()}-${filename}`"];
    KeyByContent = "key_by_content", Signature, "files with the same bytes share a key",
        [Anyone: "harmless as long as the bytes are compared; but a key of file_id's own keeps names and confirmations apart"];
    KeyDiffers = "key_differs", Signature, "the key that is told is not the one that is signed",
        [Anyone: "tell the key as it was signed, neither encoded nor shortened: complete is told this one"];
    KeyFilename = "key_filename", Signature, "the key has ${filename} in it, which S3 replaces: the object lies elsewhere than the key says",
        [Anyone: "put the name itself into the key, and replace \"${\" in it",
         Django: "generate_presigned_post(bucket, f\"{user.pk}/{file_id}/{filename}\")", Js: "Key: `${user}/${file_id}/${filename}`",
         Companion: "s3.getKey has to return a whole key"];
    KeyDots = "key_dots", Signature, "the key has .. as a part of its path",
        [Anyone: "path is data from outside: take its last part alone, and replace \"..\"; MinIO and others refuse such keys"];
    KeyOpen = "key_open", Signature, "the policy allows any key: a leaked form can overwrite every object",
        [Anyone: "{\"key\": KEY}, exactly", Django: "give generate_presigned_post the key; no [\"starts-with\", \"$key\", \"\"]", Js: "Key alone; no [\"starts-with\", \"$key\", \"\"]"];
    KeySlash = "key_leading_slash", Signature, "the key begins with a slash",
        [Anyone: "leave the first slash out: it makes a folder without a name, and some servers drop it"];
    KeyTooLong = "key_too_long", Signature, "the key is over S3's 1024 bytes",
        [Anyone: "cut the name, between characters and before the ending"];

    // The form taken apart.
    Signed = "signature", Signature, "the form or URL is sound, as far as one can see without the secret key", [];
    SignatureV2 = "signature_v2", Signature, "it is signed with Signature Version 2, which newer regions and servers refuse",
        [Django: "boto3.client(\"s3\", region_name=…, config=Config(signature_version=\"s3v4\", s3={\"addressing_style\": \"virtual\"}))",
         Js: "createPresignedPost of @aws-sdk/s3-presigned-post (v3); in aws-sdk v2: new AWS.S3({ signatureVersion: \"v4\" })",
         Companion: "Companion 2 or later signs version 4; update it",
         Anyone: "sign with AWS4-HMAC-SHA256"];
    SignatureMixed = "signature_mixed", Signature, "fields of Signature Version 2 stand beside those of version 4: \"The authorization mechanism you have provided is not supported\"",
        [Anyone: "leave AWSAccessKeyId and signature out: in version 4 the key's id stands in x-amz-credential",
         Django: "form[\"fields\"] as generate_presigned_post returned it, with signature_version=\"s3v4\"", Js: "fields as createPresignedPost returned them"];
    SignatureMissing = "signature_missing", Signature, "a part of the signature is missing",
        [Anyone: "a POST needs key, policy, x-amz-algorithm, x-amz-credential, x-amz-date and x-amz-signature; a PUT their like in its query",
         Django: "hand all of form[\"fields\"] on, as generate_presigned_post returned it", Js: "hand all of fields on, as createPresignedPost returned them"];
    Algorithm = "algorithm", Signature, "the algorithm is not AWS4-HMAC-SHA256",
        [Anyone: "x-amz-algorithm is AWS4-HMAC-SHA256"];
    CredentialScope = "credential_scope", Signature, "x-amz-credential is not KEY/DATE/REGION/s3/aws4_request",
        [Anyone: "KEY/20260501/eu-central-1/s3/aws4_request, with the bucket's own region", Django: "leave it to generate_presigned_post", Js: "leave it to createPresignedPost"];
    CredentialDate = "credential_date", Signature, "the day in x-amz-credential is not that of x-amz-date",
        [Anyone: "take both from one clock reading, in UTC"];
    AmzDate = "amz_date", Signature, "x-amz-date is not a time like 20260501T102030Z, or not of now",
        [Anyone: "UTC, from a clock that follows a time server: S3 takes 15 minutes of difference",
         Django: "datetime.now(timezone.utc).strftime(\"%Y%m%dT%H%M%SZ\"); forms must not come from a cache"];
    PolicyUnreadable = "policy_unreadable", Signature, "the policy is not base64 of a JSON policy document",
        [Anyone: "standard base64 without line breaks, of JSON with expiration and conditions",
         Django: "base64.b64encode(json.dumps(policy).encode()).decode(), not encodebytes or urlsafe_b64encode",
         Js: "Buffer.from(JSON.stringify(policy)).toString(\"base64\")"];
    PolicyExpiration = "policy_expiration", Signature, "the policy's expiration is no time that S3 reads",
        [Anyone: "UTC with a Z at the end, like 2026-05-01T10:30:30Z"];
    Expired = "expired", Signature, "the form has expired before it is used",
        [Anyone: "sign for 600 seconds from now, in UTC, at each request; nothing of it may come from a cache",
         Django: "generate_presigned_post(…, ExpiresIn=600); by hand: datetime.now(timezone.utc) + timedelta(minutes=10)", Js: "createPresignedPost(client, { …, Expires: 600 })",
         Companion: "COMPANION_AWS_EXPIRES / s3.expires: 800"];
    ExpiryTooShort = "expiry_too_short", Signature, "the form lives under a minute: it expires on the way",
        [Anyone: "600 seconds", Django: "generate_presigned_post(…, ExpiresIn=600) and \"expires_in\": 600", Js: "Expires: 600 (createPresignedPost), expiresIn: 600 (getSignedUrl)",
         Companion: "s3.expires: 800"];
    ExpiryShort = "expiry_short", Signature, "the form lives for less than a large file takes on a slow line",
        [Anyone: "600 seconds; S3 looks at the time when a request begins, other servers when it ends", Django: "ExpiresIn=600", Js: "Expires: 600", Companion: "s3.expires: 800"];
    ExpiresInTooLong = "expires_in_too_long", Signature, "expires_in promises more than the signature keeps",
        [Anyone: "tell the seconds that were signed, not milliseconds and not another setting",
         Django: "one name for both: ExpiresIn=SECONDS and \"expires_in\": SECONDS", Js: "one constant for Expires and expires_in"];
    ExpiryLong = "expiry_long", Signature, "the form lives for more than a day: who finds it can use it as long",
        [Anyone: "600 seconds: forms are asked for just before they are used", Django: "ExpiresIn=600", Js: "Expires: 600", Companion: "s3.expires: 800"];
    Cached = "cached", Signature, "asked again a second later, it gives what it had signed before",
        [Anyone: "sign at each request: a form from a cache, or one whose times were taken when the server started, runs out before it says"];
    TokenFieldMissing = "security_token_missing", Signature, "it is signed with temporary credentials, and their session token is missing",
        [Anyone: "x-amz-security-token has to go along, as a field and as a condition",
         Django: "give boto3 aws_session_token too, or let it find the role's credentials by itself", Js: "credentials: { accessKeyId, secretAccessKey, sessionToken }",
         Companion: "COMPANION_AWS_SESSION_TOKEN, or let it use the instance's role"];
    TokenFieldUncovered = "security_token_uncovered", Signature, "x-amz-security-token is a field without a condition",
        [Anyone: "{\"x-amz-security-token\": TOKEN} into the policy's conditions before it is signed",
         Django: "leave it to generate_presigned_post, which does both", Js: "leave it to createPresignedPost, which does both"];
    TemporaryCredentials = "temporary_credentials", Signature, "it is signed with temporary credentials: the form dies with them, however late it says it expires",
        [Anyone: "nothing, as long as they are renewed well before they end; expires_in must not be longer than they live"];
    GlobalEndpoint = "global_endpoint", Signature, "the url is the global endpoint, and the bucket is in another region: S3 answers 307 or 301",
        [Anyone: "https://BUCKET.s3.REGION.amazonaws.com/",
         Django: "boto3.client(\"s3\", region_name=REGION, config=Config(signature_version=\"s3v4\", s3={\"addressing_style\": \"virtual\"}))",
         Js: "new S3Client({ region: REGION }); in v2 also s3BucketEndpoint or endpoint", Companion: "COMPANION_AWS_REGION, and no COMPANION_AWS_ENDPOINT"];
    RegionMismatch = "region_mismatch", Signature, "the url names another region than the signature",
        [Anyone: "sign for the region that the bucket is in, and use its endpoint", Django: "region_name=REGION, and no endpoint_url for AWS", Js: "new S3Client({ region: REGION })", Companion: "COMPANION_AWS_REGION"];
    WebsiteEndpoint = "website_endpoint", Signature, "the url is a bucket's website, which takes no uploads",
        [Anyone: "https://BUCKET.s3.REGION.amazonaws.com/, not s3-website"];
    UrlNotEncrypted = "url_not_encrypted", Signature, "the url is http to another machine: Offload refuses it",
        [Anyone: "https; http is for loopback addresses only", Django: "endpoint_url=\"https://…\", the address that clients reach, not the one inside of Docker",
         Js: "endpoint: \"https://…\"", Companion: "COMPANION_AWS_ENDPOINT=https://…"];
    UrlUnusable = "url_unusable", Signature, "the url can't be used",
        [Anyone: "the bucket's whole address: https://BUCKET.s3.REGION.amazonaws.com/"];
    UrlHasKey = "url_has_key", Signature, "the url of a POST has the key in it",
        [Anyone: "a POST goes to the bucket's address, the key is a field; only a PUT has it in its url",
         Django: "form[\"url\"] as generate_presigned_post returned it", Js: "url as createPresignedPost returned it"];
    UrlIsPut = "url_is_put", Signature, "a url signed for PUT is answered as a POST, or the other way round",
        [Anyone: "\"method\": \"PUT\" with url and headers for a presigned url; \"POST\" with url and fields for a form"];
    BucketMismatch = "bucket_mismatch", Signature, "the url's bucket is not the policy's",
        [Anyone: "one name for both", Django: "one settings.S3_BUCKET; endpoint_url without the bucket in it"];
    BucketUncovered = "bucket_uncovered", Signature, "the policy does not name the bucket",
        [Anyone: "{\"bucket\": BUCKET} into the policy's conditions"];
    FieldUncovered = "field_uncovered", Signature, "a field of the form has no condition in the policy: S3 answers \"Extra input fields\"",
        [Anyone: "every field needs a condition, except policy, x-amz-signature, file and x-ignore-*",
         Django: "generate_presigned_post(bucket, key, Fields=fields, Conditions=[{name: value} for name, value in fields.items()] + […])",
         Js: "put it into Fields of createPresignedPost before it signs; do not add to fields afterwards", Companion: "no fields added behind it"];
    ConditionWithoutField = "condition_without_field", Signature, "the policy has a condition for a field that the form lacks",
        [Anyone: "Offload sends the fields as they are given and adds none: put the field into the form too, or take the condition out",
         Django: "generate_presigned_post: each in Fields and in Conditions", Js: "createPresignedPost: put it into Fields, not only into Conditions"];
    ConditionFailed = "condition_failed", Signature, "a field does not meet its condition",
        [Anyone: "sign the values that are sent", Django: "build Conditions from the same dict as Fields; do not change fields afterwards", Js: "do not change fields after createPresignedPost"];
    LengthRange = "length_range", Signature, "content-length-range leaves out a file that was asked for: S3 answers EntityTooLarge or EntityTooSmall",
        [Anyone: "[\"content-length-range\", size, size] with the size that presign is told; a limit of yours goes into session's limits.max_file_size and into an error at presign",
         Django: "Conditions=[[\"content-length-range\", file[\"size\"], file[\"size\"]]]", Js: "Conditions: [[\"content-length-range\", size, size]]",
         Companion: "COMPANION_MAX_FILE_SIZE and s3.conditions: larger, or none"];
    LengthRangeNarrow = "length_range_narrow", Signature, "content-length-range is the same for all files, and leaves out large ones",
        [Anyone: "[\"content-length-range\", size, size] with the size that presign is told, or tell the limit in session's limits.max_file_size"];
    LengthRangeMissing = "length_range_missing", Signature, "the policy says nothing of the file's size: a leaked form takes any",
        [Django: "Conditions=[[\"content-length-range\", size, size]]", Js: "Conditions: [[\"content-length-range\", size, size]]", Companion: "s3.conditions: [[\"content-length-range\", 0, 5368709120]]"];
    ContentTypeFixed = "content_type_fixed", Signature, "the Content-Type that is signed is not that of the file",
        [Anyone: "sign the content_type that presign is told", Django: "Fields={\"Content-Type\": file[\"content_type\"]}, Conditions=[{\"Content-Type\": file[\"content_type\"]}]",
         Js: "Fields: { \"Content-Type\": file.content_type }"];
    ContentTypeMissing = "content_type_missing", Signature, "no Content-Type is signed: S3 keeps the file as binary/octet-stream",
        [Anyone: "sign the content_type that presign is told, if browsers are to show what lies in the bucket",
         Django: "Fields={\"Content-Type\": file[\"content_type\"]}, Conditions=[{\"Content-Type\": file[\"content_type\"]}]", Js: "Fields: { \"Content-Type\": file.content_type }"];
    ChecksumDiffers = "checksum_differs", Signature, "the checksum that is signed is not that of the file: S3 answers BadDigest",
        [Anyone: "base64 of the 32 bytes, not of their hex digits", Django: "base64.b64encode(bytes.fromhex(file[\"sha256\"])).decode()", Js: "Buffer.from(sha256, \"hex\").toString(\"base64\")"];
    FieldsTooLarge = "fields_too_large", Signature, "the form's fields are over S3's 20 KB",
        [Anyone: "sign fewer and shorter fields; metadata belongs to complete"];
    FormUnsendable = "form_unsendable", Signature, "the form can't be sent as it is",
        [Django: "form[\"fields\"] as generate_presigned_post returned it", Js: "fields as createPresignedPost returned them"];
    RedirectAction = "success_action_redirect", Signature, "S3 is told to redirect after the upload",
        [Anyone: "success_action_status 201 instead: the redirect is for browsers, and is not followed"];
    PublicAcl = "public_acl", Signature, "the photographs become public: everybody can read them",
        [Anyone: "leave acl out if that is not meant so; buckets since 2023 refuse it besides", Companion: "COMPANION_AWS_ACL= (empty), or no s3.acl"];
    PutHeaderMissing = "put_header_missing", Signature, "the url's signature covers a header that is not given: S3 answers SignatureDoesNotMatch",
        [Anyone: "tell each header that is signed, beside host, in the upload's headers, with the value that was signed",
         Django: "generate_presigned_url(\"put_object\", Params={…, \"ContentType\": t}) and \"headers\": {\"Content-Type\": t}",
         Js: "getSignedUrl(client, new PutObjectCommand({ …, ContentType: t }), { signableHeaders: new Set([\"content-type\"]) }) and headers: { \"Content-Type\": t }"];
    PutHeaderUnsigned = "put_header_unsigned", Signature, "an x-amz-… header is given that the url's signature does not cover: S3 denies access",
        [Anyone: "sign it, or leave it out", Js: "getSignedUrl puts x-amz-… headers into the url by itself: leave them out of headers, or name them in unhoistableHeaders"];
    PutOtherOperation = "put_other_operation", Signature, "the url is signed for another operation than PutObject",
        [Django: "generate_presigned_url(\"put_object\", …)", Js: "new PutObjectCommand(…)"];
    PutEmptyChecksum = "put_empty_checksum", Signature, "the url is signed with the checksum of an empty file",
        [Js: "new S3Client({ requestChecksumCalculation: \"WHEN_REQUIRED\" }): since 3.729 the SDK signs the CRC of the body it has not got",
         Anyone: "sign no checksum, or that of the file"];
    PutExpires = "put_expires", Signature, "X-Amz-Expires is not between 1 second and 7 days",
        [Django: "ExpiresIn=600", Js: "expiresIn: 600"];

    // A small file, really sent.
    Probe = "probe", Probe, "S3 took a small file", [];
    S3Unreachable = "s3_unreachable", Probe, "S3 can't be reached at the form's address",
        [Anyone: "the address has to be one that photographers' machines reach, not one inside of Docker or a private network; check the endpoint's spelling and region",
         Django: "endpoint_url: the public address", Js: "endpoint: the public address", Companion: "COMPANION_AWS_ENDPOINT: the public address"];
    S3Certificate = "s3_certificate", Probe, "the certificate of S3 does not hold",
        [Anyone: "a certificate for this very name; a bucket with dots in its name does not fit *.s3.REGION.amazonaws.com: use addressing_style \"path\" there"];
    S3Signature = "s3_signature_mismatch", Probe, "S3 finds that the signature does not match",
        [Anyone: "the secret key does not belong to the access key, or something was altered after signing (a field, a header, the url)",
         Django: "check AWS_SECRET_ACCESS_KEY; hand url and fields on untouched", Js: "check secretAccessKey; hand url and fields on untouched", Companion: "check COMPANION_AWS_SECRET"];
    S3AccessKey = "s3_access_key", Probe, "S3 does not know the access key",
        [Anyone: "look for a deleted or mistyped key, or one of another account or server", Companion: "check COMPANION_AWS_KEY"];
    S3Denied = "s3_denied", Probe, "S3 denies access",
        [Anyone: "the signing identity needs s3:PutObject on these keys (and s3:PutObjectAcl where an acl is signed); look at bucket policy and Block Public Access, too"];
    S3NoBucket = "s3_no_bucket", Probe, "there is no such bucket at the form's address",
        [Anyone: "check the bucket's name and the endpoint"];
    S3Region = "s3_wrong_region", Probe, "S3 wants the file sent to another region",
        [Django: "region_name of the bucket, and Config(s3={\"addressing_style\": \"virtual\"})", Js: "region of the bucket", Companion: "COMPANION_AWS_REGION of the bucket"];
    S3Policy = "s3_policy", Probe, "S3 finds the form against its policy",
        [Anyone: "sign the fields that are sent, each with a condition"];
    S3Expired = "s3_expired", Probe, "S3 finds that form or credentials have expired",
        [Anyone: "look at the backend's clock and at how long its temporary credentials live"];
    S3Refused = "s3_refused", Probe, "S3 does not take the file",
        [Anyone: "what S3 said stands with it; where it is a proxy's answer, look at what stands before the storage"];
    Names = "names", Probe, "a name beyond ASCII, with a space, arrives and is confirmed", [];
    Complete = "complete", Probe, "complete confirms what is there, and only that", [];
    CompleteShape = "complete_shape", Probe, "complete's answer is not {\"files\": [{\"file_id\": …, \"confirmed\": true}]}",
        [Anyone: "{\"files\": [{\"file_id\": \"…\", \"confirmed\": true}]}, one entry for each file asked, true without quotes; or \"pending\": true; or \"error\": {…}",
         Django: "JsonResponse({\"files\": [{\"file_id\": f[\"file_id\"], \"confirmed\": True} for f in files]})", Js: "res.json({ files: files.map((f) => ({ file_id: f.file_id, confirmed: true })) })"];
    CompleteFails = "complete_fails", Probe, "complete fails for a file that S3 holds",
        [Anyone: "every member of media may be missing, and etag may: take what is there, and ignore what is not known",
         Django: "file.get(\"media\", {}).get(\"captured_at\"), never file[\"media\"][\"captured_at\"]"];
    CompleteRefuses = "complete_refuses", Probe, "complete says that the file is not there, though S3 has just taken it",
        [Anyone: "look for the very bucket and key that were signed for; compare ETags without their quotes, and size as a number",
         Django: "head_object(Bucket=settings.S3_BUCKET, Key=photo.key)[\"ETag\"].strip('\"')", Js: "(await s3.send(new HeadObjectCommand({ Bucket, Key }))).ETag.replaceAll('\"', \"\")"];
    CompletePending = "complete_pending", Probe, "complete is not done with the file yet",
        [Anyone: "nothing if the work behind it takes its time; files are green only when it says \"confirmed\": true"];
    CompleteTwice = "complete_not_idempotent", Probe, "complete asked a second time does not confirm again",
        [Anyone: "an upsert by file_id: the first answer may get lost, and Offload asks again until it has one",
         Django: "Photo.objects.update_or_create(owner=user, file_id=…, defaults={…}), not create", Js: "INSERT … ON CONFLICT (file_id) DO UPDATE"];
    ConfirmsUnseen = "confirms_unseen", Probe, "complete confirms a file that was never sent: green would not mean safe",
        [Anyone: "HEAD the object and compare length and checksum before \"confirmed\": true; not there is \"error\" with status 409",
         Django: "s3.head_object(Bucket=…, Key=photo.key, ChecksumMode=\"ENABLED\"), and 409 where it raises ClientError with 404", Js: "await s3.send(new HeadObjectCommand({ Bucket, Key, ChecksumMode: \"ENABLED\" })), and 409 where it throws NotFound"];
    UnseenFailsAll = "unseen_fails_all", Probe, "complete fails as a whole when one file is not in the bucket",
        [Anyone: "answer that file with \"error\": {\"status\": 409}, and the others as usual",
         Django: "catch botocore.exceptions.ClientError around head_object, file by file", Js: "catch NotFound around HeadObjectCommand, file by file"];
    UnseenStatus = "unseen_status", Probe, "a file that is not in the bucket is refused, but not with 404, 409 or 412",
        [Anyone: "status 409: then Offload sends the file again. The signing identity needs s3:ListBucket, or AWS answers HEAD with 403 instead of 404"];
    ConfirmsOther = "confirms_other_bytes", Probe, "complete confirms also with another size or SHA-256 than lie in the bucket",
        [Anyone: "compare size and sha256 of the request with those kept at presign and with HEAD, and answer 409 where they differ"];
    AgainAfterConfirm = "again_after_confirm", Probe, "presign of a file that is confirmed already is refused",
        [Anyone: "answer SKIP with its key, or a form for the same key"];
    NotLookedAt = "not_looked_at", Probe, "what could not be looked at, because of a problem before it", [];
}
